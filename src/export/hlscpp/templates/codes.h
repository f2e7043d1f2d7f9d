// The kernel {{ top }} for callers without ap types: {{ codes_in }} codes in, {{ codes_out }} out.
#pragma once

void {{ top }}_codes(const long long *inputs, long long *outputs);
