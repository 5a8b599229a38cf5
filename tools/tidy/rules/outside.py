"""The outside has two implementations, so nothing reaches it but through runtime/: no clock, random source,
thread, socket, file, environment or signal, and no state that a whole process shares."""

import re

from engine import Found, rule

# What stands behind the door.
BEHIND = ("src/runtime/linux/", "src/runtime/tls/")
# Shards are made here; atomics and state of a thread or of the process may be, too.
ENGINE_ROOM = ("src/runtime/",)


def _inside(tree):
    for file in tree.sources():
        if not file.path.startswith(BEHIND) and not file.is_test and not file.is_benchmark:
            yield file


def _ban(name: str, cure: str, calls: str, headers: str = r"(?!)", free: tuple[str, ...] = ()):
    code = re.compile(calls)
    header = re.compile(rf"^(?:{headers})$")

    @rule(name, cure)
    def check(tree):
        for file in _inside(tree):
            if file.path.startswith(free):
                continue
            for line, include, angle in file.includes():
                if angle and header.match(include):
                    yield Found(file.path, line, f"<{include}>")
            for line, match in file.search(code):
                yield Found(file.path, line, match[0].strip())
    return check


def _c(sure: str, shared: str = r"(?!)") -> str:
    """Calls of C functions. Names that members of ours may bear too count only as ::name( or std::name(;
    that the headers which declare them are banned catches the rest."""
    return rf"(?:\bstd::|(?<![\w:>])(?:::)?)(?<![\w.>])(?:{sure})\s*\(|(?:\bstd|(?<![\w>]))::(?:{shared})\s*\("


_ban("clock", "take the time as an argument, or ask the shard's clock (runtime/)",
     r"\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock|tai_clock|gps_clock|file_clock)\b|"
     r"\b(?:gettimeofday|clock_gettime|clock_nanosleep|nanosleep|timespec_get|localtime_r|__rdtsc)\b|"
     r"\bstd::(?:time|clock|localtime)\s*\(|(?<![\w.>:])(?:::)?time\s*\(\s*(?:nullptr|NULL|0|&)",
     r"ctime|time\.h|sys/time\.h|sys/timerfd\.h")

_ban("random", "take a random source as an argument, or ask the shard's (runtime/)",
     r"\bstd::(?:random_device|mt19937\w*|minstd_rand\w*|default_random_engine|ranlux\w+|knuth_b)\b|"
     + _c("s?rand|rand_r|[dlm]rand48|getrandom|getentropy|arc4random\\w*|RAND_bytes"),
     r"random|sys/random\.h|openssl/rand\.h")

_ban("thread", "send a message to a shard, or use a helper thread through runtime/",
     r"\bstd::(?:jthread|thread|(?:recursive_|shared_|timed_|recursive_timed_|shared_timed_)?mutex|"
     r"condition_variable\w*|async|promise|packaged_task|future|shared_future|lock_guard|unique_lock|scoped_lock|"
     r"shared_lock|counting_semaphore|binary_semaphore|barrier|latch|call_once|once_flag|this_thread|stop_token|"
     r"stop_source)\b|\bpthread_\w+",
     r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|pthread\.h|sched\.h")

_ban("atomic", "keep the state on one shard and send messages; what is shared belongs in base/ or runtime/",
     r"\bstd::atomic\w*|\b__atomic_\w+|\b__sync_\w+", r"atomic|stdatomic\.h",
     free=("src/base/", *ENGINE_ROOM))

_ban("socket", "use the streams and listeners of runtime/",
     _c("socketpair|accept4|sendmsg|recvmsg|recvfrom|getaddrinfo|epoll_\\w+|ppoll",
        "socket|accept|listen|bind|connect|send|recv|sendto|sendfile|shutdown|poll"),
     r"sys/(?:socket|un|epoll|eventfd|select|sendfile|poll)\.h|netinet/.*|arpa/.*|net/.*|netdb\.h|poll\.h|"
     r"ifaddrs\.h|liburing\.h|linux/.*")

_ban("file", "use the files and directories of runtime/",
     r"\bstd::(?:filesystem|[io]?fstream)\b|"
     + _c("f(?:re)?open|fdopen|tmpfile|mkstemp|mkdtemp|opendir|openat|lstat|preadv2?|pwritev2?|fdatasync|syncfs|"
          "ftruncate|fallocate|mmap|munmap|unlinkat|renameat2?",
          "open|read|write|close|stat|fstat|pread|pwrite|fsync|sync|unlink|rename|remove|rmdir|mkdir|flock|truncate"),
     r"fstream|filesystem|fcntl\.h|unistd\.h|dirent\.h|sys/(?:stat|mman|file|statvfs|statfs|uio|vfs|inotify)\.h")

_ban("environment", "take it as configuration from the composition root",
     r"\b(?:secure_)?getenv\b|\b(?:set|put|unset)env\b|\benviron\b")

_ban("signal", "ask runtime/ for signals; ending the process is main's",
     r"\bstd::(?:signal|raise|exit|quick_exit|system|atexit)\b|"
     + _c("sigaction|signalfd|sigprocmask|exec[vl]p?e?|posix_spawnp?|_exit|_Exit", "v?fork|kill|signal|raise|exit|wait"),
     r"csignal|signal\.h|spawn\.h|csetjmp|setjmp\.h|sys/(?:signalfd|wait|prctl|resource)\.h")


@rule("iostream", "format with fmt in a .cc and write once; <iostream> costs every start")
def iostream(tree):
    for file in tree.sources():
        for line, include, _ in file.includes():
            if include in ("iostream", "syncstream") and not file.is_test:
                yield Found(file.path, line, f"<{include}>")


@rule("mutable-global", "put it into the shard's context and hand it down; what never changes is constexpr or const")
def mutable_global(tree):
    for file in _inside(tree):
        if file.path.startswith(ENGINE_ROOM):
            continue
        for variable in file.outline.mutable_statics:
            yield Found(file.path, variable.line, " ".join(variable.text.split())[:80])


@rule("thread-local", "put it into the shard's context and hand it down")
def thread_local(tree):
    for file in _inside(tree):
        if file.path.startswith(ENGINE_ROOM):
            continue
        for line, _ in file.search(re.compile(r"\b(?:thread_local|__thread)\b")):
            yield Found(file.path, line, "thread_local")
