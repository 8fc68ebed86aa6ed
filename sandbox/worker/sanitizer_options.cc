// In sanitizer builds only: a notebook that dies by a signal must die by that signal there too, and
// Python's own faulthandler reports it. Variables cannot say so: a worker's are a fixed set.
#if defined(NBREPLAY_ADDRESS_SANITIZER)
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0:"
         "allocator_may_return_null=1:detect_leaks=0:"
         // Done by the launcher, and not to be changed in a sandbox.
         "disable_coredump=0";
}
#endif
