// Long segments of few channels are cut into chunks that are scanned side by side, as segments of their own. Their first states
// are found before: `scan_ends` scans each chunk from zero and keeps nothing but its last states and the time that it takes, and
// `scan_chain` goes from chunk to chunk, where a state only decays: h' = exp(a time) h + end. Backward the same holds of
// gradients by states, e = exp(dt a) (y' c + e of the next step), which walk from the last chunk to the first.
#pragma once
#include "tile.cuh"

template <typename T> struct Ends {
    Inputs<T> x;                  // of the chunks
    const T* out;                 // the gradient by the output, or null: zero; backward only
    float *states, *times;        // (chunks, e, n), (chunks, e)
    long long back;
};

struct Chain {
    const float* a;               // (e, n)
    const float* from;            // what comes in (s, e, n); null: zero
    const unsigned* first;        // the first chunk of each segment (s + 1)
    float* states;                // ends of the chunks, which become what each begins with (chunks, e, n)
    const float* times;           // (chunks, e)
    float* to;                    // what goes out (s, e, n), or null
    long long s, e, n, descending;
};

template <int N> struct EndsShared {
    using Cut = Tile<N, false>;
    float dt[Cut::STEPS][Cut::CHANNELS], input[Cut::STEPS][Cut::CHANNELS], row[Cut::STEPS][N];
};

template <typename T, int N, bool BACK>
__device__ __forceinline__ void scan_ends_of(const Ends<T>& job, EndsShared<N>& tile) {
    using Cut = Tile<N, false>;
    const Inputs<T>& x = job.x;
    const Seat<N, false> at(x);
    if (!at.inside(x)) return;
    float h[4][4] = {}, a[4][4] = {}, time = 0.f;
    #pragma unroll
    for (int c = 0; c < 4; ++c) if (at.owns(c)) {
        load_states<N>(a[c], x.a, at.first + at.column + c, at.n, at.states);
        #pragma unroll
        for (int i = 0; i < 4; ++i) a[c][i] *= LOG2_E;
    }
    const float bias = x.delta_bias ? x.delta_bias[at.staged()] : 0.f;
    const T* rows = BACK ? x.c : x.b;
    const int tiles = (at.length + Cut::STEPS - 1) / Cut::STEPS;
    #pragma unroll 1
    for (int number = 0; number < tiles; ++number) {
        const int step = (BACK ? tiles - 1 - number : number) * Cut::STEPS, steps = min(Cut::STEPS, at.length - step);
        #pragma unroll 4
        for (int i = 0; i < Cut::EACH; ++i) {
            const int t = i * Cut::SLOTS + at.slot;
            const unsigned from = at.clamped(step + t) * at.e + at.staged();
            const bool real = t < steps && at.stages();
            const float dt = real ? softplus(load(x.delta + from) + bias) : 0.f;
            float value = BACK ? (job.out ? load(job.out + from) : 0.f) : dt * load(x.u + from);
            if (BACK && x.z) {
                const float z = load(x.z + from);
                value *= z * sigmoid(z);
            }
            tile.dt[t][at.channel] = dt;
            tile.input[t][at.channel] = real ? value : 0.f;
            time += dt;
        }
        #pragma unroll 2
        for (int i = at.thread; i < Cut::STEPS * N; i += THREADS) {
            const int t = i / N, state = i % N;
            const float value = load(rows + at.clamped(step + t) * at.n + min(state, at.n - 1));
            tile.row[t][state] = state < at.n ? value : 0.f;
        }
        __syncthreads();
        if (at.live) {
            #pragma unroll 2
            for (int i = 0; i < Cut::STEPS; ++i) {
                const int t = BACK ? Cut::STEPS - 1 - i : i;
                float dt[4], input[4], row[4];
                load_four(dt, &tile.dt[t][at.column]);
                load_four(input, &tile.input[t][at.column]);
                load_four(row, &tile.row[t][at.states]);
                #pragma unroll
                for (int c = 0; c < 4; ++c)
                    #pragma unroll
                    for (int s = 0; s < 4; ++s) {
                        const float decay = exp2_fast(dt[c] * a[c][s]);
                        h[c][s] = BACK ? decay * fmaf(input[c], row[s], h[c][s]) : fmaf(decay, h[c][s], input[c] * row[s]);
                    }
            }
        }
        __syncthreads();
    }
    #pragma unroll
    for (int c = 0; c < 4; ++c)
        if (at.owns(c)) store_states<N>(job.states, (size_t)at.segment * at.e + at.first + at.column + c, at.n, at.states, h[c]);
    if (Cut::SLOTS > 1) {
        tile.dt[at.slot][at.channel] = time;
        __syncthreads();
        time = 0.f;
        #pragma unroll
        for (int slot = 0; slot < Cut::SLOTS; ++slot) time += tile.dt[slot][at.channel];
    }
    if (at.slot == 0 && at.stages()) job.times[(size_t)at.segment * at.e + at.first + at.channel] = time;
}

template <typename T, int N> __device__ __forceinline__ void scan_ends(const Ends<T>& job, EndsShared<N>& tile) {
    if (job.back) scan_ends_of<T, N, true>(job, tile);
    else scan_ends_of<T, N, false>(job, tile);
}

__device__ __forceinline__ void scan_chain(const Chain& job) {
    const long long i = (long long)blockIdx.x * THREADS + threadIdx.x, row = job.e * job.n;
    if (i >= job.s * row) return;
    const int segment = i / row, within = i % row;
    const float a = job.a[within] * LOG2_E;
    const int first = job.first[segment], last = job.first[segment + 1] - 1;
    float h = job.from ? job.from[i] : 0.f;
    #pragma unroll 1
    for (int k = first; k <= last; ++k) {
        const int chunk = job.descending ? last - (k - first) : k;
        float* at = job.states + chunk * row + within;
        const float end = *at;
        *at = h;
        h = fmaf(exp2_fast(a * job.times[chunk * job.e + within / job.n]), h, end);
    }
    if (job.to) job.to[i] = h;
}
