// How a scan is cut: a block of 128 threads does some channels of one segment, tile of steps by tile of steps.
//
// A thread owns 4 channels x 4 states and keeps them in registers while time runs. While a tile is staged and written, a
// thread serves one channel instead, so that a warp touches consecutive places of a row; shared memory lies between.
//
// What the forward keeps for the backward: before each tile of each segment the states (tiles, e, N), and of a read-out the
// time that has passed since the segment began (tiles, e). Tile i of a segment is row `begin / STEPS + segment + i`.
#pragma once
#include "../number.cuh"
#include "job.cuh"

constexpr int THREADS = 128;

template <int N, bool READOUT> struct Tile {
    static constexpr int LANES = N / 4;                    // lanes that share 4 channels, each with 4 of their states
    static constexpr int CHANNELS = THREADS / LANES * 4;   // channels of a block
    static constexpr int SLOTS = THREADS / CHANNELS;       // threads that serve one channel while a tile is staged
    static constexpr int STEPS = READOUT ? 8 : 16;         // steps of a tile
    static constexpr int EACH = STEPS / SLOTS;             // steps that one thread stages
    static constexpr int GROUP = READOUT ? 2 : 4;          // steps whose states the backward holds in registers
};

// The place of a thread in its block, and of the block in its scan.
template <int N, bool READOUT> struct Seat {
    using Cut = Tile<N, READOUT>;
    int thread, lane, warp;
    int segment, first;      // first channel of the block
    int states;              // first of the 4 states
    int column;              // first of the 4 channels, within the block
    int channel, slot;       // the one channel that it stages, within the block, and the first of its steps
    int begin, length;       // tokens of the segment
    int e, n;
    bool reverse, live;      // live: its warp has a channel that exists

    template <typename T> __device__ __forceinline__ Seat(const Inputs<T>& x)
        : thread(threadIdx.x), lane(threadIdx.x & 31), warp(threadIdx.x >> 5), segment(blockIdx.x),
          first(blockIdx.y * Cut::CHANNELS), states(threadIdx.x % Cut::LANES * 4), column(threadIdx.x / Cut::LANES * 4),
          channel(threadIdx.x % Cut::CHANNELS), slot(threadIdx.x / Cut::CHANNELS), begin(0), length(0), e((int)x.e),
          n((int)x.n), reverse(x.reverse != 0) {
        live = first + warp * (32 / Cut::LANES * 4) < e;
        if (inside(x)) {
            begin = x.offsets[segment];
            length = x.offsets[segment + 1] - begin;
        }
    }
    // Whether the scan has this block at all: those of one launch may differ in size. The same for all threads.
    template <typename T> __device__ __forceinline__ bool inside(const Inputs<T>& x) const { return segment < x.s && first < e; }

    __device__ __forceinline__ bool owns(int c) const { return first + column + c < e; }
    // The channel of the scan; past the last one, the last.
    __device__ __forceinline__ int within(int c) const { return min(first + column + c, e - 1); }
    __device__ __forceinline__ bool stages() const { return first + channel < e; }
    // The channel that it stages; past the last one, the last, so that loads need no branch.
    __device__ __forceinline__ int staged() const { return min(first + channel, e - 1); }
    // Tokens times channels fit into 32 bits (the host sees to it), which halves the arithmetic of addresses.
    __device__ __forceinline__ unsigned token(int step) const { return begin + (reverse ? length - 1 - step : step); }
    // The same; past the last step, the last.
    __device__ __forceinline__ unsigned clamped(int step) const { return token(min(step, length - 1)); }
    __device__ __forceinline__ size_t kept(int tile) const { return (size_t)(begin / Cut::STEPS + segment + tile); }
};

// Four states of a row of n, zeros behind the last one.
template <int N> __device__ __forceinline__ void load_states(float (&to)[4], const float* p, size_t row, int n, int first) {
    p += row * n + first;
    if (n == N) {
        const float4 v = *(const float4*)p;
        to[0] = v.x; to[1] = v.y; to[2] = v.z; to[3] = v.w;
    } else {
        #pragma unroll
        for (int i = 0; i < 4; ++i) to[i] = first + i < n ? p[i] : 0.f;
    }
}

template <int N> __device__ __forceinline__ void store_states(float* p, size_t row, int n, int first, const float (&from)[4]) {
    p += row * n + first;
    if (n == N) {
        // Said in PTX, as nvcc merges a store of four numbers with the four single ones below.
        asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(p)), "f"(from[0]), "f"(from[1]),
                     "f"(from[2]), "f"(from[3]) : "memory");
    } else {
        #pragma unroll
        for (int i = 0; i < 4; ++i) if (first + i < n) p[i] = from[i];
    }
}

__device__ __forceinline__ void load_four(float (&to)[4], const float* p) {
    const float4 v = *(const float4*)p;
    to[0] = v.x; to[1] = v.y; to[2] = v.z; to[3] = v.w;
}

// Four numbers of channels, zeros behind the last channel: each lane loads one, and its neighbours hand it the others.
template <int N, bool READOUT, typename T> __device__ __forceinline__ void load_channels(float (&to)[4], const T* p, const Seat<N, READOUT>& at) {
    const int own = at.lane & 3;
    const float x = at.owns(own) ? load(p + own) : 0.f;
    #pragma unroll
    for (int c = 0; c < 4; ++c) to[c] = __shfl_sync(0xffffffffu, x, c, 4);
}

// Stages the rows of b and c of a tile, with zeros behind the last state. Past the last step, the last.
template <typename T, int N, bool READOUT, int STEPS>
__device__ __forceinline__ void stage_rows(const Inputs<T>& x, const Seat<N, READOUT>& at, int step, float (&b)[STEPS][N], float (&c)[STEPS][N]) {
    #pragma unroll 2
    for (int i = at.thread; i < STEPS * N; i += THREADS) {
        const int t = i / N, state = i % N;
        const unsigned from = at.clamped(step + t) * at.n + min(state, at.n - 1);
        const float vb = load(x.b + from), vc = load(x.c + from);
        b[t][state] = state < at.n ? vb : 0.f;
        c[t][state] = state < at.n ? vc : 0.f;
    }
}
