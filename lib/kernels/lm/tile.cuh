// Tiles of rows in shared memory, in chunks of 16 bytes that are moved asynchronously.
#pragma once
#include "../number.cuh"

// Where a chunk of a row lies. Eight neighbouring chunks of a row, and the same chunk of eight neighbouring rows, are in
// different banks.
template <unsigned CHUNKS> __device__ __forceinline__ unsigned chunk(unsigned row, unsigned at) {
    constexpr unsigned TOGETHER = CHUNKS < 8 ? 8 / CHUNKS : 1, WAYS = CHUNKS < 8 ? CHUNKS : 8;
    return row * CHUNKS + (at ^ (row / TOGETHER % WAYS));
}

__device__ __forceinline__ unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

__device__ __forceinline__ void copy_async(void* to, const void* from) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(__cvta_generic_to_global(from)) : "memory");
}
__device__ __forceinline__ void close_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int LATER> __device__ __forceinline__ void wait_copies() { asm volatile("cp.async.wait_group %0;" ::"n"(LATER) : "memory"); }

// Copies rows of CHUNKS chunks that lie `stride` chunks apart; in place of rows past the last one, the last.
template <unsigned ROWS, unsigned CHUNKS>
__device__ __forceinline__ void copy_rows(uint4* to, const uint4* from, size_t stride, unsigned first, unsigned end) {
    #pragma unroll
    for (unsigned i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
        const unsigned row = i / CHUNKS, at = i % CHUNKS;
        copy_async(to + chunk<CHUNKS>(row, at), from + min(first + row, end - 1) * stride + at);
    }
}
