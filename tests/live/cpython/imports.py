# Modules found and not found, nested, failing, and loaded already.
import importlib
import sys

sys.path.append("imports")
sys.dont_write_bytecode = True
sys.audit("case")

def attempt(source):
    try:
        exec(source)
    except Exception as e:
        print(source, type(e).__name__)

for source in (
    "import inner",
    "import inner",         # there already
    "import missing",
    "import missing",       # looked for again
    "import broken",
    "import broken",
    "import wrong",
    "import outer",         # nested; what it wants of a package is not there
    "import package.member",
    "from package import sibling, missing",
    "import package.missing",
    "import missing.submodule",
    "import inner.submodule",
    "from package import *",
    "from . import relative",
    "importlib.import_module('package.other')",
    "importlib.reload(sys.modules['inner'])",
    "del sys.modules['inner']; import inner",
    "sys.modules['none'] = None; import none",
    "__import__('')",
    r"__import__('k\u00e4se')",
    r"__import__('\udcff')",
    "import _struct",       # in C
):
    attempt(source)
