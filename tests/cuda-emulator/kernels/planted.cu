// Kernels with one planted bug each, and their clean twins. The tests show that the emulator notices every bug, says
// where it is, and has nothing to say about the twins.
#include <cuda_bf16.h>

enum Bug {
    CLEAN,
    // sum_rows
    NO_BARRIER, BARRIER_IN_BRANCH, ENDED_BEFORE_BARRIER, SHUFFLE_IN_BRANCH, WRONG_LANE, PAST_THE_END, NOT_WRITTEN,
    ONE_PLACE, NULL_POINTER, WORKSPACE_UNSET, DIVIDED_BY_ZERO, ENDLESS, ATOMIC_SUM, NO_WARP_BARRIER,
    // transpose
    NO_PADDING, SCATTERED, SHARED_PAST_THE_END, MISALIGNED, ROW_NOT_STAGED, TILE_OVERWRITTEN, LOCAL_ARRAY, DIVERGENT,
    // product
    WAITED_TOO_LATE, STAGE_OVERWRITTEN, COPIED_PAST_THE_END, TRANSPOSED_FRAGMENT
};

// out[r] = sum over c of x[r][c], plus bias[r] if there is a bias. One block of 128 threads per row.
struct Sum { const float *x, *bias; float* out; int rows, width, period; };

template <Bug BUG> __device__ void sum_rows(const Sum& a) {
    __shared__ float part[4], lanes[128];
    const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, row = blockIdx.x;
    if (BUG == ENDED_BEFORE_BARRIER && tid >= 96) return;
    const int last = BUG == PAST_THE_END ? a.width + 1 : a.width;
    float s = 0.f;
    #pragma unroll 1
    for (int c = tid; c < last; c += 128) s += a.x[(size_t)row * a.width + c];
    if (BUG == DIVIDED_BY_ZERO) s *= 1 + tid % a.period;
    if (BUG == ENDLESS) _Pragma("unroll 1") for (unsigned n = 2 * tid; n != 7; n += 2) a.out[row] = n;
    // The first step of the sum over lanes goes through shared memory, the others through shuffles.
    lanes[tid] = s;
    if (BUG != NO_WARP_BARRIER) __syncwarp();
    s += lanes[tid ^ 16];
    #pragma unroll 1
    for (int d = 8; d; d >>= 1) {
        const int by = BUG == WRONG_LANE && d == 1 ? 2 : d;
        if (BUG != SHUFFLE_IN_BRANCH || tid != 77) s += __shfl_xor_sync(0xffffffffu, s, by);
    }
    if (lane == 0) part[warp] = s;
    if (BUG == BARRIER_IN_BRANCH) { if (tid < 96) __syncthreads(); }
    else if (BUG != NO_BARRIER) __syncthreads();
    if (tid == 0 && (BUG != NOT_WRITTEN || row + 1 < a.rows)) {
        float total = (part[0] + part[1]) + (part[2] + part[3]);
        if (a.bias || BUG == NULL_POINTER) total += a.bias[row];
        if (BUG == WORKSPACE_UNSET) total += a.out[row];
        if (BUG == ATOMIC_SUM) atomicAdd(a.out + row, total);
        else a.out[BUG == ONE_PLACE ? 0 : row] = total;
    }
}

// out (width, height) = x (height, width) transposed, in tiles of 32 x 32. Blocks of 32 x 8 threads, two tiles each.
struct Transpose { const float* x; float* out; int height, width; };

template <Bug BUG> __device__ void transpose(const Transpose& a) {
    __shared__ __align__(16) float tile[32][BUG == NO_PADDING ? 32 : 33];
    const int tx = threadIdx.x, ty = threadIdx.y, row = blockIdx.y * 32;
    #pragma unroll 1
    for (int half = 0; half < 2; ++half) {
        const int column = (blockIdx.x * 2 + half) * 32;
        #pragma unroll 1
        for (int i = ty; i < (BUG == ROW_NOT_STAGED ? 31 : 32); i += 8)
            if (row + i < a.height && column + tx < a.width)
                tile[BUG == SHARED_PAST_THE_END ? i + 1 : i][tx] = a.x[(size_t)(row + i) * a.width + column + tx];
        __syncthreads();
        #pragma unroll 1
        for (int i = ty; i < 32; i += 8) {
            if (row + tx >= a.height || column + i >= a.width) continue;
            float v = tile[tx][i];
            if (BUG == SCATTERED) v = a.x[(size_t)(row + tx) * a.width + column + i];
            if (BUG == MISALIGNED) { const float2 two = ((const float2*)(a.x + 1))[tx]; v = two.x * two.y; }
            if (BUG == LOCAL_ARRAY) {
                float four[4] = {v, -v, v + 1.f, v - 1.f};
                _Pragma("unroll 1") for (int k = 0; k < a.height; ++k) four[(k * tx) & 3] = four[(k + tx) & 3] - 1.f;
                v = four[i & 3];
            }
            if (BUG == DIVERGENT && (tx & 1)) _Pragma("unroll 1") for (int k = 0; k < tx; ++k) v = __fsqrt_rn(v * v + 1.f);
            a.out[(size_t)(column + i) * a.height + row + tx] = v;
        }
        if (BUG != TILE_OVERWRITTEN) __syncthreads();
    }
}

// c (m, n) f32 = a (m, k) bf16 times b (n, k) bf16 transposed, k a multiple of 8. Blocks of 128 threads: 64 x 16 of c,
// k in steps of 16, two stages of asynchronous copies.
struct Product { const __nv_bfloat16 *a, *b; float* c; int m, n, k; };
constexpr int ROWS = 64, COLUMNS = 16, STEP = 16, PITCH = STEP + 8;

template <Bug BUG> __device__ void product(const Product& p) {
    __shared__ __align__(16) __nv_bfloat16 sa[2][ROWS][PITCH], sb[2][COLUMNS][PITCH];
    const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, m0 = blockIdx.y * ROWS, n0 = blockIdx.x * COLUMNS;
    auto copy = [&](__nv_bfloat16* to, const __nv_bfloat16* from, int row, int rows, int column) {
        const bool in = (row < rows && column < p.k) || BUG == COPIED_PAST_THE_END;
        const unsigned at = (unsigned)__cvta_generic_to_shared(to);
        const __nv_bfloat16* source = from + (in ? (size_t)row * p.k + column : 0);
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(source), "r"(in ? 16 : 0));
    };
    auto stage = [&](int s, int k0) {
        const int r = tid / 2, c = tid % 2 * 8;
        copy(&sa[s][r][c], p.a, m0 + r, p.m, k0 + c);
        if (r < COLUMNS) copy(&sb[s][r][c], p.b, n0 + r, p.n, k0 + c);
        asm volatile("cp.async.commit_group;");
    };
    float acc[2][4] = {};
    const int steps = (p.k + STEP - 1) / STEP;
    stage(0, 0);
    #pragma unroll 1
    for (int s = 0; s < steps; ++s) {
        if (s + 1 < steps) {
            stage((s + 1) & 1, (s + 1) * STEP);
            if (BUG == WAITED_TOO_LATE) asm volatile("cp.async.wait_group 2;");
            else asm volatile("cp.async.wait_group 1;");
        } else asm volatile("cp.async.wait_group 0;");
        __syncthreads();
        unsigned a[4], b[2];
        const unsigned from = (unsigned)__cvta_generic_to_shared(&sa[s & 1][warp * 16 + lane % 16][lane / 16 * 8]);
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(a[0]), "=r"(a[1]), "=r"(a[2]), "=r"(a[3]) : "r"(from));
        #pragma unroll
        for (int j = 0; j < 2; ++j) {
            const unsigned at = (unsigned)__cvta_generic_to_shared(&sb[s & 1][j * 8 + lane % 8][lane / 8 % 2 * 8]);
            if (BUG == TRANSPOSED_FRAGMENT)
                asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];" : "=r"(b[0]), "=r"(b[1]) : "r"(at));
            else
                asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(b[0]), "=r"(b[1]) : "r"(at));
            asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                         : "+f"(acc[j][0]), "+f"(acc[j][1]), "+f"(acc[j][2]), "+f"(acc[j][3])
                         : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
        }
        if (BUG != STAGE_OVERWRITTEN) __syncthreads();
    }
    for (int j = 0; j < 2; ++j)
        for (int i = 0; i < 4; ++i) {
            const int r = m0 + warp * 16 + lane / 4 + i / 2 * 8, c = n0 + j * 8 + lane % 4 * 2 + i % 2;
            if (r < p.m && c < p.n) p.c[(size_t)r * p.n + c] = acc[j][i];
        }
}

#define SUM(name, bug) extern "C" __global__ void __launch_bounds__(128) sum_##name(const Sum a) { sum_rows<bug>(a); }
#define TRANSPOSE(name, bug) extern "C" __global__ void __launch_bounds__(256) transpose_##name(const Transpose a) { transpose<bug>(a); }
#define PRODUCT(name, bug) extern "C" __global__ void __launch_bounds__(128) product_##name(const Product p) { product<bug>(p); }
SUM(clean, CLEAN)
SUM(no_barrier, NO_BARRIER)
SUM(barrier_in_branch, BARRIER_IN_BRANCH)
SUM(ended_before_barrier, ENDED_BEFORE_BARRIER)
SUM(shuffle_in_branch, SHUFFLE_IN_BRANCH)
SUM(wrong_lane, WRONG_LANE)
SUM(past_the_end, PAST_THE_END)
SUM(not_written, NOT_WRITTEN)
SUM(one_place, ONE_PLACE)
SUM(null_pointer, NULL_POINTER)
SUM(workspace_unset, WORKSPACE_UNSET)
SUM(divided_by_zero, DIVIDED_BY_ZERO)
SUM(endless, ENDLESS)
SUM(atomic_sum, ATOMIC_SUM)
SUM(no_warp_barrier, NO_WARP_BARRIER)
TRANSPOSE(clean, CLEAN)
TRANSPOSE(no_padding, NO_PADDING)
TRANSPOSE(scattered, SCATTERED)
TRANSPOSE(shared_past_the_end, SHARED_PAST_THE_END)
TRANSPOSE(misaligned, MISALIGNED)
TRANSPOSE(row_not_staged, ROW_NOT_STAGED)
TRANSPOSE(tile_overwritten, TILE_OVERWRITTEN)
TRANSPOSE(local_array, LOCAL_ARRAY)
TRANSPOSE(divergent, DIVERGENT)
PRODUCT(clean, CLEAN)
PRODUCT(waited_too_late, WAITED_TOO_LATE)
PRODUCT(stage_overwritten, STAGE_OVERWRITTEN)
PRODUCT(copied_past_the_end, COPIED_PAST_THE_END)
PRODUCT(transposed_fragment, TRANSPOSED_FRAGMENT)
