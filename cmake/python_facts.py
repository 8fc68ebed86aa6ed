"""Prints what the build must know of the interpreter that runs it, one fact a line."""
import os
import sys
import sysconfig

implementation = sys.implementation.name
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    implementation += "-free-threaded"
print(implementation)
print("%d.%d" % sys.version_info[:2])
print(sysconfig.get_path("include") or "")

# Conda's interpreter is linked statically and still has the shared library beside it.
folder = sysconfig.get_config_var("LIBDIR") or ""
names = [
    sysconfig.get_config_var("INSTSONAME") or "",
    "libpython%d.%d.so.1.0" % sys.version_info[:2],
    "libpython%d.%d.so" % sys.version_info[:2],
]
multiarch = sysconfig.get_config_var("MULTIARCH") or ""
folders = [folder, os.path.join(folder, multiarch), os.path.join(sys.base_prefix, "lib")]
paths = [os.path.join(f, n) for f in folders for n in names if ".so" in n]
print(next((p for p in paths if os.path.isfile(p)), ""))
print(sys.executable)
