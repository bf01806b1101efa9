// Softmax attention within each segment of packed tokens, one head at a time, without ever writing the scores: the sums
// over the keys run on while their tiles pass by, scaled again whenever a higher score appears.
// `lib/src/lm/engine/tensors/card/attend.rs` writes the struct.
#pragma once
#include "tile.cuh"

template <typename T> struct Attend {
    const T *q, *k, *v;     // (t, heads, D): what `turn` gave, scaled so that scores are powers of 2
    const unsigned *tiles;  // (tiles, 3): where the segment begins and ends, and the first query
    T *out;                 // (t, heads · width)
    long long heads, width;
};

constexpr unsigned WARPS = THREADS / 32, ROWS = 16, QUERIES = WARPS * ROWS;

// What a warp keeps of its 16 queries: one for each number.
template <typename T, int D> struct Sixteen;

// Gives the power of 2 that sums are scaled by when a row's highest score becomes `now`; `now` is never -inf, as the first
// tile has a key.
__device__ __forceinline__ float rise(float& highest, float now) {
    now = fmaxf(highest, now);
    const float by = exp2_fast(highest - now);
    highest = now;
    return by;
}

template <typename T, int D> __device__ __forceinline__ void attend(const Attend<T>& job) {
    using Own = Sixteen<T, D>;
    constexpr unsigned CHUNKS = D * sizeof(T) / 16, KEYS = Own::KEYS, STAGES = Own::STAGES;
    __shared__ uint4 queries[QUERIES * CHUNKS], keys[STAGES][KEYS * CHUNKS], values[STAGES][KEYS * CHUNKS];
    const unsigned* tile = job.tiles + 3 * blockIdx.x;
    const unsigned begin = tile[0], end = tile[1], first = tile[2];
    const size_t stride = job.heads * CHUNKS, head = blockIdx.y * CHUNKS;
    const uint4 *q = (const uint4*)job.q + head, *k = (const uint4*)job.k + head, *v = (const uint4*)job.v + head;
    const auto fetch = [&](unsigned stage, unsigned at) {
        copy_rows<KEYS, CHUNKS>(keys[stage], k, stride, at, end);
        copy_rows<KEYS, CHUNKS>(values[stage], v, stride, at, end);
        close_copies();
    };
    copy_rows<QUERIES, CHUNKS>(queries, q, stride, first, end);
    fetch(0, begin);
    Own own;
    unsigned stage = 0;
    for (unsigned at = begin; at < end; at += KEYS) {
        const bool more = at + KEYS < end;
        if (STAGES == 2 && more) {
            fetch(stage ^ 1, at + KEYS);
            wait_copies<1>();
        } else {
            wait_copies<0>();
        }
        __syncthreads();
        if (at == begin) own.start(queries);
        own.step(queries, keys[stage], values[stage], end - at);
        __syncthreads();
        if (STAGES == 2) stage ^= 1;
        else if (more) fetch(0, at + KEYS);
    }
    // The rows of a warp go through its part of the queries' tile, so that whole sectors are written.
    own.finish(queries);
    __syncwarp();
    const unsigned warp = threadIdx.x / 32 * ROWS, words = job.width * sizeof(T) / 4;
    const unsigned rows = min(ROWS, end - min(end, first + warp));
    unsigned* out = (unsigned*)job.out;
    for (unsigned i = threadIdx.x % 32; i < rows * words; i += 32) {
        const unsigned row = i / words, word = i % words;
        out[((size_t)(first + warp + row) * job.heads + blockIdx.y) * words + word] =
            ((const unsigned*)(queries + chunk<CHUNKS>(warp + row, word / 4)))[word % 4];
    }
}
