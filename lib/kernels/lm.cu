// The kernels of language models for one number, which products take and attention gives: compiled once with NUMBER and
// NAME for each.
constexpr int THREADS = 128;

#include "lm/activate.cuh"
#include "lm/attend_bf16.cuh"
#include "lm/attend_f32.cuh"
#include "lm/linear.cuh"
#include "lm/norm.cuh"
#include "lm/turn.cuh"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)

#define KERNEL(NAME, JOB, CALL)                                                                            \
    extern "C" __global__ void __launch_bounds__(THREADS) NAME(const __grid_constant__ JOB<NUMBER> job) { \
        CALL(job);                                                                                         \
    }
#define ATTEND(D) KERNEL(JOIN(JOIN(attend, NAME), D), Attend, (attend<NUMBER, D>))

KERNEL(JOIN(turn, NAME), Turn, turn<NUMBER>)
ATTEND(16)
ATTEND(32)
ATTEND(64)
KERNEL(JOIN(linear, NAME), Linear, linear<NUMBER>)
KERNEL(JOIN(norm, NAME), Norm, norm<NUMBER>)
KERNEL(JOIN(activate, NAME), Activate, activate<NUMBER>)
