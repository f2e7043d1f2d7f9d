"""One cleanup with qonnx in a process of its own: cleanup_worker.py MODEL OUT [--channels-last].

Prints JSON: seconds of the cleanup alone (file to file, without the start of Python and its imports).
"""

import json
import sys
import time

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
from qonnx.util.cleanup import cleanup_model


def main(source, target, *flags):
    start = time.perf_counter()
    model = cleanup_model(ModelWrapper(source))
    if "--channels-last" in flags:
        # As qonnx-to-channels-last does.
        model = model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=False))
    model.save(target)
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(*sys.argv[1:])
