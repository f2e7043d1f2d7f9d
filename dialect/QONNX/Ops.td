//===- Ops.td - every operator of the qonnx dialect --------------*- tablegen -*-===//
#ifndef QONNX_OPS_TD
#define QONNX_OPS_TD

include "QONNX/OpsData.td"
include "QONNX/OpsElementwise.td"
include "QONNX/OpsLinear.td"
include "QONNX/OpsQuantizers.td"
include "QONNX/OpsWindow.td"

#endif // QONNX_OPS_TD
