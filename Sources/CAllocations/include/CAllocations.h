// Counts the memory that this process asks for; for benchmarks.

#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/// How often this thread has asked for memory; -1 where that can't be counted.
int64_t weir_allocations(void);

#endif
