"""The entry point of an image: runs the service's package in this very process, with the arguments
of the container.
"""

import os
import runpy

runpy.run_module(os.environ["SERVICE"], run_name="__main__", alter_sys=True)
