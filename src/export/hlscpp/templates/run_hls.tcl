# Vitis HLS: vitis_hls -f run_hls.tcl (or vitis-run --mode hls --tcl run_hls.tcl)
open_project -reset {{ name }}_hls
set_top {{ top }}
add_files {{ name }}.cpp -cflags "-std=c++17"
add_files -tb {testbench.cpp codes.cpp} -cflags "-std=c++17 -Wno-unknown-pragmas -Wno-unused-label -ffp-contract=off"
if {[file exists vectors.txt]} { add_files -tb vectors.txt }
open_solution -reset solution -flow_target vivado
set_part {{ '{' }}{{ part }}{{ '}' }}
create_clock -period {{ clock }} -name default
csim_design
csynth_design
cosim_design
export_design -format ip_catalog
exit
