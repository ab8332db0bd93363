// A rival that masks nothing: Hyperscan in streaming mode finds the rules' matches in standard input and counts them.
// Build: cc -O2 hyperscan.c -lhs. Arguments: expressions, each with an i in front when case does not matter, else a -.
// Prints how many matches there are. With `timed` in front of them it scans from memory, three times, and prints nanoseconds
// of processor time besides: to compile, and of the best scan.
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kBlock = 128 * 1024, kMost = 2048, kTurns = 3 };

static unsigned long long matches;
static hs_database_t* database;
static hs_scratch_t* scratch;
static hs_stream_t* stream;
static char* text;  // all of it, if it is scanned from memory
static size_t size;

static int count(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void* context) {
    (void)id, (void)from, (void)to, (void)flags, (void)context;
    ++matches;
    return 0;
}

static void demand(int good, const char* what) {
    if (good) return;
    fprintf(stderr, "hyperscan: %s\n", what);
    exit(1);
}

static long long spent(void) {
    struct timespec now;
    demand(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0, "no clock");
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void read_all(void) {
    size_t room = 0;
    ssize_t got = 1;
    for (; got > 0; size += (size_t)got) {
        if (size == room) demand((text = realloc(text, room = 2 * room + kBlock)) != NULL, "no memory");
        demand((got = read(0, text + size, room - size)) >= 0, "cannot read");
    }
}

static void scan(const char* from, size_t bytes) {
    demand(hs_scan_stream(stream, from, (unsigned)bytes, 0, scratch, count, NULL) == HS_SUCCESS, "cannot scan");
}

static void scan_all(int timed) {
    static char block[kBlock];
    demand(hs_open_stream(database, 0, &stream) == HS_SUCCESS, "no stream");
    if (timed) {
        for (size_t at = 0; at < size; at += kBlock) scan(text + at, size - at < kBlock ? size - at : kBlock);
    } else {
        for (ssize_t got; (got = read(0, block, sizeof block)) > 0;) scan(block, (size_t)got);
    }
    demand(hs_close_stream(stream, scratch, count, NULL) == HS_SUCCESS, "cannot finish");
}

int main(int argc, char** argv) {
    const char* expressions[kMost];
    unsigned flags[kMost], ids[kMost];
    const int timed = argc > 1 && strcmp(argv[1], "timed") == 0;
    argc -= timed;
    argv += timed;
    demand(argc > 1 && argc <= kMost, "no expressions, or too many");
    for (int i = 1; i < argc; ++i) {
        expressions[i - 1] = argv[i] + 1;
        flags[i - 1] = argv[i][0] == 'i' ? HS_FLAG_CASELESS : 0;
        ids[i - 1] = (unsigned)i;
    }
    if (timed) read_all();
    hs_compile_error_t* error;
    const long long begun = spent();
    demand(hs_compile_multi(expressions, flags, ids, (unsigned)argc - 1, HS_MODE_STREAM, NULL, &database, &error) == HS_SUCCESS,
           "cannot compile");
    const long long compiled = spent() - begun;
    demand(hs_alloc_scratch(database, &scratch) == HS_SUCCESS, "no scratch space");
    long long best = 0;
    for (int turn = 0; turn < (timed ? kTurns : 1); ++turn) {
        matches = 0;
        const long long from = spent();
        scan_all(timed);
        const long long taken = spent() - from;
        if (!turn || taken < best) best = taken;
    }
    if (timed) printf("%llu %lld %lld\n", matches, compiled, best);
    else printf("%llu\n", matches);
    return 0;
}
