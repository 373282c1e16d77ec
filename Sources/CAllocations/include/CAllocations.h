// Counts the memory that this process asks for; for benchmarks.

#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/// How often this thread has asked for memory; -1 where that can't be counted.
int64_t weir_allocations(void);

/// How many bytes of memory this process holds, without what the allocator keeps for later; -1
/// where that can't be told.
int64_t weir_allocated_bytes(void);

#endif
