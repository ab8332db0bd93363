/* The few system calls that launcher.c, init.c and guard.c need, without a C library: nothing is loaded, nothing is
 * configured, no LD_PRELOAD applies, and a start costs a fraction of a millisecond. Numbers and structures are the
 * kernel's own (linux-libc-dev); calling conventions from syscall(2). */
#ifndef AIGATE_KERNEL_H
#define AIGATE_KERNEL_H

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/termbits.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#if defined(__x86_64__)

__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt\n");

static inline long kernel(long number, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl start\n");

static inline long kernel(long number, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

#else
#error "aigate knows how to call the kernel on x86_64 and aarch64; add this machine to aigate/native/kernel.h"
#endif

#define CALL(name, a, b, c, d, e) kernel(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

typedef unsigned long signals; /* a kernel sigset_t on 64-bit machines */

/* The compiler may call these even in code that never names them. */
void *memset(void *to, int value, unsigned long size) {
    for (char *at = to; size--; at++) *at = (char)value;
    return to;
}

void *memcpy(void *to, const void *from, unsigned long size) {
    char *at = to;
    for (const char *source = from; size--; source++) *at++ = *source;
    return to;
}

static unsigned long length(const char *text) {
    unsigned long size = 0;
    while (text[size]) size++;
    return size;
}

static __attribute__((unused)) int number(const char *text) {
    int value = 0;
    if (*text == '-') return -1;
    while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
    return value;
}

static __attribute__((noreturn)) void leave(int status) {
    for (;;) CALL(exit_group, status, 0, 0, 0, 0);
}

/* Memory that is never given back, aligned for pointers: the data segment grows (brk(2)). Ends the process without. */
static __attribute__((unused)) void *memory(unsigned long size) {
    unsigned long begin = ((unsigned long)CALL(brk, 0, 0, 0, 0, 0) + 15) & ~15UL;
    if ((unsigned long)CALL(brk, begin + size, 0, 0, 0, 0) != begin + size) leave(1);
    return (void *)begin;
}

static __attribute__((unused)) void say(const char *text) { CALL(write, 2, text, length(text), 0, 0); }

#endif
