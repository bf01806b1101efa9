// What the host hands to the kernels: `lib/src/nn/ops/scan/cuda/words.rs` writes the same words in the same order.
//
// Letters: t packed tokens, s segments, e channels, n states. Everything is row-major without gaps; a null pointer is an
// input that is absent (zero, or no gate) or an output that nobody wants.
#pragma once

// The inputs of a scan; T is the number of the module, all else is f32.
template <typename T> struct Inputs {
    const T *u, *delta;           // (t, e)
    const float* a;               // (e, n)
    const T *b, *c;               // (t, n)
    const float* d;               // (e)
    const T* z;                   // (t, e): the gate, or the pooling weights of a read-out
    const float* delta_bias;      // (e)
    const float* h0;              // (s, e, n)
    const unsigned* offsets;      // (s + 1)
    long long t, s, e, n, reverse;
};

// One scan of a forward launch.
template <typename T> struct Forward {
    Inputs<T> x;
    T* out;                       // (t, e), or of a read-out (s, e)
    float *h_last, *k;            // (s, e, n)
    float *states, *times;        // what the backward needs, if there will be one: see tile.cuh
};

// One scan of a backward launch. The partial sums are added up by finish.cuh.
template <typename T> struct Backward {
    Inputs<T> x;
    const float *states, *times;  // what the forward kept
    const T* out;                 // gradients by the outputs, as the outputs
    const float *h_last, *k;
    T *du, *ddelta, *dz;          // (t, e)
    float* dh0;                   // (s, e, n)
    float* tokens;                // (tiles of channels, t, b and c, N): sums over the channels of a tile
    float* rates;                 // (s, e, N): the part of da of each segment
    float *skips, *biases;        // (s, e): the same of d and delta_bias
};

// What is left after a backward: sums over tiles of channels, and over segments.
template <typename T> struct Finish {
    const float *tokens, *rates, *skips, *biases;
    T *db, *dc;                   // (t, n)
    float *da, *dd, *dbias;       // (e, n), (e), (e)
    long long t, s, e, n, tiles;
};

// Scans of one launch, one per block along z. `scan::cuda::JOBS` is the same number.
constexpr int JOBS = 8;
template <typename Job> struct Jobs { Job job[JOBS]; };
