// Debian's librocksdb is not instrumented: ThreadSanitizer sees its memory but not its locks, and reports what is no
// race. Reports from our own code alone remain.

#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
    return "ignore_noninstrumented_modules=1";
}
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "race:librocksdb\ncalled_from_lib:librocksdb\n";
}
#endif
