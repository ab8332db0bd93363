// A rival that masks nothing: Hyperscan in streaming mode finds the rules' matches in standard input and counts them.
// Build: cc -O2 hyperscan.c -lhs. Arguments: expressions, each with an i in front when case does not matter, else a -.
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { kBlock = 128 * 1024, kMost = 2048 };

static unsigned long long matches;

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

int main(int argc, char** argv) {
    static char block[kBlock];
    const char* expressions[kMost];
    unsigned flags[kMost], ids[kMost];
    demand(argc > 1 && argc <= kMost, "no expressions, or too many");
    for (int i = 1; i < argc; ++i) {
        expressions[i - 1] = argv[i] + 1;
        flags[i - 1] = argv[i][0] == 'i' ? HS_FLAG_CASELESS : 0;
        ids[i - 1] = (unsigned)i;
    }
    hs_database_t* database;
    hs_compile_error_t* error;
    hs_scratch_t* scratch = NULL;
    hs_stream_t* stream;
    demand(hs_compile_multi(expressions, flags, ids, (unsigned)argc - 1, HS_MODE_STREAM, NULL, &database, &error) == HS_SUCCESS,
           "cannot compile");
    demand(hs_alloc_scratch(database, &scratch) == HS_SUCCESS, "no scratch space");
    demand(hs_open_stream(database, 0, &stream) == HS_SUCCESS, "no stream");
    for (ssize_t got; (got = read(0, block, sizeof block)) > 0;)
        demand(hs_scan_stream(stream, block, (unsigned)got, 0, scratch, count, NULL) == HS_SUCCESS, "cannot scan");
    demand(hs_close_stream(stream, scratch, count, NULL) == HS_SUCCESS, "cannot finish");
    printf("%llu\n", matches);
    return 0;
}
