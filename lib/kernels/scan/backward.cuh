// Gradients of a scan by all its inputs, with g the gradient by the state after a step, y' = dout silu(z) and e = exp(dt a) g:
//
//   g = y' c + e of the next step      dh0 = e of the first step        m = e h_before
//   dc = sum_e y' h    db = sum_e g dt u    q = sum_n g b    du = d y' + dt q    ddt = u q + sum_n a m    da = sum dt m
//
// Of a read-out, y' = w dpool, and with x = dk exp(a time): dc += sum_e w x, dw = sum_n c (dpool h + x) + d u dpool, and m
// gains the sum of w c x over this step and all later ones.
//
// A tile is computed again from its first states, group by group of steps, the last group first. No atomics: what is summed
// over channels leaves as one part per block, what is summed over time as one part per segment (finish.cuh adds them up).
#pragma once
#include "sum.cuh"
#include "tile.cuh"

template <int N, bool READOUT> struct BackwardShared {
    using Cut = Tile<N, READOUT>;
    static constexpr int GROUPS = Cut::STEPS / Cut::GROUP, WARPS = THREADS / 32;
    // weight: y', or of a read-out w
    float dt[Cut::STEPS][Cut::CHANNELS], input[Cut::STEPS][Cut::CHANNELS], weight[Cut::STEPS][Cut::CHANNELS];
    float y[Cut::STEPS][Cut::CHANNELS], q[Cut::STEPS][Cut::CHANNELS], r[Cut::STEPS][Cut::CHANNELS];
    float b[Cut::STEPS][N], c[Cut::STEPS][N];
    float db[WARPS][Cut::STEPS][N], dc[WARPS][Cut::STEPS][N];
    float states[GROUPS - 1][4][THREADS][4];
    float times[READOUT ? GROUPS - 1 : 1][READOUT ? Cut::CHANNELS : 1];
};

// The values of one step that a thread works with.
template <int N, bool READOUT> struct Step {
    float dt[4], input[4], weight[4], b[4], c[4];
    __device__ __forceinline__ Step(const BackwardShared<N, READOUT>& tile, const Seat<N, READOUT>& at, int t) {
        load_four(dt, &tile.dt[t][at.column]);
        load_four(input, &tile.input[t][at.column]);
        load_four(weight, &tile.weight[t][at.column]);
        load_four(b, &tile.b[t][at.states]);
        load_four(c, &tile.c[t][at.states]);
    }
};

// The values of several steps of the channel that a thread stages. All of them are on their way before anything waits for
// one: behind a branch, or a store that might change what is read, each would be waited for by itself.
template <typename T, int N, bool READOUT> struct Batch {
    using Cut = Tile<N, READOUT>;
    static constexpr int SIZE = Cut::EACH < 8 ? Cut::EACH : 8;
    float u[SIZE], z[SIZE], out[SIZE], delta[SIZE];

    // What is not there is read from u, and is zero.
    __device__ __forceinline__ Batch(const Inputs<T>& x, const T* dout, const Seat<N, READOUT>& at, int step, int first, bool times) {
        const bool by_step = !READOUT && dout;
        const T *gate = x.z ? x.z : x.u, *grad = by_step ? dout : x.u;
        #pragma unroll
        for (int k = 0; k < SIZE; ++k) {
            const unsigned from = at.clamped(step + (first + k) * Cut::SLOTS + at.slot) * at.e + at.staged();
            u[k] = load(x.u + from);
            z[k] = load(gate + from);
            if (!READOUT) out[k] = load(grad + from);
            if (times) delta[k] = load(x.delta + from);
        }
        #pragma unroll
        for (int k = 0; k < SIZE; ++k) {
            z[k] = x.z ? z[k] : 0.f;
            out[k] = by_step ? out[k] : 0.f;
        }
    }
};

// What a thread carries from tile to tile, for its channels and states.
struct Carry {
    float a[4][4] = {}, g[4][4] = {}, da[4][4] = {};
    // Of a read-out: gradients by the pool and by K, and the sum of w c x over the later steps.
    float pool[4] = {}, k[4][4] = {}, later[4][4] = {};
};

// Computes the states before each group of a tile but the first.
template <int N, bool READOUT>
__device__ __forceinline__ void recompute(const Carry& own, const Seat<N, READOUT>& at, BackwardShared<N, READOUT>& tile, float (&h)[4][4], float (&time)[4]) {
    using Cut = Tile<N, READOUT>;
    #pragma unroll 2
    for (int t = 0; t < Cut::STEPS - Cut::GROUP; ++t) {
        float dt[4], input[4], b[4];
        load_four(dt, &tile.dt[t][at.column]);
        load_four(input, &tile.input[t][at.column]);
        load_four(b, &tile.b[t][at.states]);
        #pragma unroll
        for (int j = 0; j < 4; ++j) {
            time[j] += dt[j];
            #pragma unroll
            for (int i = 0; i < 4; ++i) h[j][i] = fmaf(exp2_fast(dt[j] * own.a[j][i]), h[j][i], input[j] * b[i]);
        }
        if (t % Cut::GROUP == Cut::GROUP - 1) {
            #pragma unroll
            for (int j = 0; j < 4; ++j) *(float4*)tile.states[t / Cut::GROUP][j][at.thread] = make_float4(h[j][0], h[j][1], h[j][2], h[j][3]);
            if (READOUT && at.states == 0) *(float4*)&tile.times[t / Cut::GROUP][at.column] = make_float4(time[0], time[1], time[2], time[3]);
        }
    }
}

// Goes through one group forward, from the states before it, and back again.
template <int N, bool READOUT>
__device__ __forceinline__ void sweep(Carry& own, const Seat<N, READOUT>& at, BackwardShared<N, READOUT>& tile, int first, const float (&start)[4][4], const float (&begin)[4]) {
    using Cut = Tile<N, READOUT>;
    float before[Cut::GROUP][4][4], decay[Cut::GROUP][4][4], time[Cut::GROUP][4];
    #pragma unroll
    for (int j = 0; j < 4; ++j)
        #pragma unroll
        for (int i = 0; i < 4; ++i) before[0][j][i] = start[j][i];
    #pragma unroll
    for (int s = 0; s < Cut::GROUP; ++s) {
        const Step<N, READOUT> x(tile, at, first + s);
        float y[4] = {}, dc[4] = {};
        #pragma unroll
        for (int j = 0; j < 4; ++j) {
            time[s][j] = (s ? time[s ? s - 1 : 0][j] : begin[j]) + x.dt[j];
            #pragma unroll
            for (int i = 0; i < 4; ++i) {
                decay[s][j][i] = exp2_fast(x.dt[j] * own.a[j][i]);
                const float h = fmaf(decay[s][j][i], before[s][j][i], x.input[j] * x.b[i]);
                // What c meets: the state, or of a read-out all that depends on it.
                const float met = READOUT ? fmaf(own.k[j][i], exp2_fast(time[s][j] * own.a[j][i]), own.pool[j] * h) : h;
                y[j] = fmaf(met, x.c[i], y[j]);
                dc[i] = fmaf(x.weight[j], met, dc[i]);
                if (s + 1 < Cut::GROUP) before[s + 1 < Cut::GROUP ? s + 1 : 0][j][i] = h;
            }
        }
        const float sum = sum_states<Cut::LANES>(y, at.lane);
        if (at.states < 16) tile.y[first + s][at.column + (at.lane & 3)] = sum;
        sum_channels<Cut::LANES>(&tile.dc[at.warp][first + s][at.states], dc, at.lane);
    }
    #pragma unroll
    for (int s = Cut::GROUP - 1; s >= 0; --s) {
        const Step<N, READOUT> x(tile, at, first + s);
        float q[4] = {}, r[4] = {}, db[4] = {};
        #pragma unroll
        for (int j = 0; j < 4; ++j) {
            const float dy = READOUT ? x.weight[j] * own.pool[j] : x.weight[j];
            #pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float g = fmaf(dy, x.c[i], own.g[j][i]);
                db[i] = fmaf(g, x.input[j], db[i]);
                q[j] = fmaf(g, x.b[i], q[j]);
                own.g[j][i] = decay[s][j][i] * g;
                float m = own.g[j][i] * before[s][j][i];
                if (READOUT) {
                    own.later[j][i] = fmaf(x.weight[j] * x.c[i], own.k[j][i] * exp2_fast(time[s][j] * own.a[j][i]), own.later[j][i]);
                    m += own.later[j][i];
                }
                r[j] = fmaf(own.a[j][i], m, r[j]);
                own.da[j][i] = fmaf(x.dt[j], m, own.da[j][i]);
            }
        }
        const float sum_q = sum_states<Cut::LANES>(q, at.lane), sum_r = sum_states<Cut::LANES>(r, at.lane);
        if (at.states < 16) {
            tile.q[first + s][at.column + (at.lane & 3)] = sum_q;
            tile.r[first + s][at.column + (at.lane & 3)] = sum_r;
        }
        sum_channels<Cut::LANES>(&tile.db[at.warp][first + s][at.states], db, at.lane);
    }
}

template <typename T, int N, bool READOUT> __device__ __forceinline__ void scan_backward(const Backward<T>& job, BackwardShared<N, READOUT>& tile) {
    using Cut = Tile<N, READOUT>;
    const Inputs<T>& x = job.x;
    const Seat<N, READOUT> at(x);
    if (!at.inside(x)) return;

    Carry own;
    #pragma unroll
    for (int c = 0; c < 4; ++c) if (at.owns(c)) {
        const int channel = at.first + at.column + c;
        const size_t row = (size_t)at.segment * at.e + channel;
        load_states<N>(own.a[c], x.a, channel, at.n, at.states);
        if (job.h_last) load_states<N>(own.g[c], job.h_last, row, at.n, at.states);
        if (READOUT && job.k) load_states<N>(own.k[c], job.k, row, at.n, at.states);
        #pragma unroll
        for (int i = 0; i < 4; ++i) own.a[c][i] *= LOG2_E;
    }
    if (READOUT && job.out) load_channels(own.pool, job.out + (size_t)at.segment * at.e + at.first + at.column, at);
    const float bias = x.delta_bias ? x.delta_bias[at.staged()] : 0.f, skip = x.d ? x.d[at.staged()] : 0.f;
    // Of a read-out the gradient by the output is one number per channel.
    const float pooled = READOUT && job.out ? load(job.out + (size_t)at.segment * at.e + at.staged()) : 0.f;
    const int warps = min(BackwardShared<N, READOUT>::WARPS, (at.e - at.first + Cut::CHANNELS / 4 - 1) / (Cut::CHANNELS / 4));
    float dskip = 0.f, dbias = 0.f;
    constexpr int BATCH = Batch<T, N, READOUT>::SIZE;

    #pragma unroll 1
    for (int number = (at.length + Cut::STEPS - 1) / Cut::STEPS - 1; number >= 0; --number) {
        const int step = number * Cut::STEPS, steps = min(Cut::STEPS, at.length - step);
        #pragma unroll 1
        for (int first = 0; first < Cut::EACH; first += BATCH) {
            const Batch<T, N, READOUT> values(x, job.out, at, step, first, true);
            #pragma unroll
            for (int k = 0; k < BATCH; ++k) {
                const int t = (first + k) * Cut::SLOTS + at.slot;
                float weight = READOUT ? values.z[k] : values.out[k];
                if (!READOUT && x.z) weight *= values.z[k] * sigmoid(values.z[k]);
                // Steps behind the last one and channels behind the last one change nothing: no time passes, nothing comes in.
                const bool real = t < steps && at.stages();
                const float dt = real ? softplus(values.delta[k] + bias) : 0.f;
                tile.dt[t][at.channel] = dt;
                tile.input[t][at.channel] = dt * values.u[k];
                tile.weight[t][at.channel] = real ? weight : 0.f;
            }
        }
        stage_rows<T, N, READOUT>(x, at, step, tile.b, tile.c);
        __syncthreads();
        if (at.live) {
            const size_t row = at.kept(number) * at.e;
            float h[4][4] = {}, time[4] = {};
            auto first = [&] {
                // Past the last channel, the last: four loads on their way together.
                #pragma unroll
                for (int c = 0; c < 4; ++c) load_four(h[c], job.states + (row + at.within(c)) * N + at.states);
                #pragma unroll
                for (int c = 0; c < 4; ++c)
                    #pragma unroll
                    for (int i = 0; i < 4; ++i) h[c][i] = at.owns(c) ? h[c][i] : 0.f;
                if (READOUT) load_channels(time, job.times + row + at.first + at.column, at);
            };
            first();
            recompute<N, READOUT>(own, at, tile, h, time);
            if (READOUT) __syncwarp();  // one lane writes the times for all that share its channels
            #pragma unroll 1
            for (int group = BackwardShared<N, READOUT>::GROUPS - 1; group >= 0; --group) {
                if (group == 0) first();
                else {
                    #pragma unroll
                    for (int c = 0; c < 4; ++c) load_four(h[c], tile.states[group - 1][c][at.thread]);
                    if (READOUT) load_four(time, &tile.times[group - 1][at.column]);
                }
                sweep<N, READOUT>(own, at, tile, group * Cut::GROUP, h, time);
            }
        }
        __syncthreads();
        #pragma unroll 2
        for (int i = at.thread; i < steps * N; i += THREADS) {
            const int t = i / N, state = i % N;
            float db = 0.f, dc = 0.f;
            for (int warp = 0; warp < warps; ++warp) {
                db += tile.db[warp][t][state];
                dc += tile.dc[warp][t][state];
            }
            float* to = job.tokens + ((size_t)blockIdx.y * x.t + at.token(step + t)) * 2 * N + state;
            to[0] = db;
            to[N] = dc;
        }
        #pragma unroll 1
        for (int first = 0; first < Cut::EACH; first += BATCH) {
            const Batch<T, N, READOUT> values(x, job.out, at, step, first, false);
            #pragma unroll
            for (int k = 0; k < BATCH; ++k) {
                const int t = (first + k) * Cut::SLOTS + at.slot;
                if (t >= steps || !at.stages()) continue;
                const unsigned to = at.token(step + t) * at.e + at.first + at.channel;
                const float u = values.u[k], dt = tile.dt[t][at.channel], q = tile.q[t][at.channel], y = tile.y[t][at.channel];
                const float dy = READOUT ? tile.weight[t][at.channel] * pooled : tile.weight[t][at.channel];
                if (READOUT) store(job.dz + to, fmaf(pooled * skip, u, y));
                else if (x.z) {
                    const float z = values.z[k], s = sigmoid(z);
                    store(job.dz + to, values.out[k] * fmaf(skip, u, y) * s * fmaf(z, 1.f - s, 1.f));
                }
                store(job.du + to, fmaf(dt, q, skip * dy));
                const float ddelta = fmaf(u, q, tile.r[t][at.channel] * LN_2) * one_minus_exp(dt);
                store(job.ddelta + to, ddelta);
                dskip = fmaf(dy, u, dskip);
                dbias += ddelta;
            }
        }
        // No barrier: what is staged next was last read before the barrier above, or by the same thread.
    }

    #pragma unroll
    for (int c = 0; c < 4; ++c) if (at.owns(c)) {
        const size_t row = (size_t)at.segment * at.e + at.first + at.column + c;
        store_states<N>(job.rates, row, N, at.states, own.da[c]);
        if (job.dh0) store_states<N>(job.dh0, row, at.n, at.states, own.g[c]);
    }
    if (Cut::SLOTS > 1) {
        __syncthreads();
        tile.q[at.slot][at.channel] = dskip;
        tile.r[at.slot][at.channel] = dbias;
        __syncthreads();
        dskip = dbias = 0.f;
        #pragma unroll
        for (int slot = 0; slot < Cut::SLOTS; ++slot) {
            dskip += tile.q[slot][at.channel];
            dbias += tile.r[slot][at.channel];
        }
    }
    if (at.slot == 0 && at.stages()) {
        const size_t to = (size_t)at.segment * at.e + at.first + at.channel;
        if (x.d) job.skips[to] = dskip;
        if (x.delta_bias) job.biases[to] = dbias;
    }
}

// What the host asks for (`Size::backward_shared`).
static_assert(sizeof(BackwardShared<16, false>) == 83972 && sizeof(BackwardShared<64, false>) == 77828);
static_assert(sizeof(BackwardShared<16, true>) == 55808 && sizeof(BackwardShared<64, true>) == 51584);
