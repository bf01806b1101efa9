"""Golden fixtures for the whole Mamba-1 block (float64 torch autograd, inputs exactly representable in f32).
 block_plain_L*.safetensors   : zero conv state, zero h0
 block_handover_L*.safetensors: conv_state0 (B, d_inner, 3), h0 (B, d_inner, N) given; conv_state_last, h_last in the loss
 block_bidir_L*.safetensors   : Vim-v2 style: shared in_proj/out_proj, own conv/x_proj/dt_proj/A_log/D for the reverse branch, sum before out_proj
Loss = <y, dy> + <h_last, dh_last> + <conv_state_last, dconv_last>.  Gradients are stored as d_<name>."""
import math, os, sys, numpy as np, torch
import torch.nn.functional as F
from safetensors.numpy import save_file
torch.set_default_dtype(torch.float64)
OUT = os.path.dirname(os.path.abspath(__file__))
dm, N, K, E = 8, 4, 4, 2; di = E * dm; R = 2; Bt = 2
g = torch.Generator().manual_seed(7)
rn = lambda *s, k=1.0: (torch.randn(*s, generator=g, dtype=torch.float32) * k).double()
def branch_params(sfx=''):
    dt = torch.exp(torch.rand(di, generator=g) * (math.log(.1) - math.log(.001)) + math.log(.001)).clamp(min=1e-4)
    p = {'conv1d.weight': rn(di, 1, K, k=.4), 'conv1d.bias': rn(di, k=.1), 'x_proj.weight': rn(R + 2 * N, di, k=.3),
         'dt_proj.weight': rn(di, R, k=R ** -.5), 'dt_proj.bias': (dt + torch.log(-torch.expm1(-dt))).float().double(),
         'A_log': torch.log(torch.arange(1., N + 1)).repeat(di, 1).float().double(), 'D': torch.ones(di)}
    return {k + sfx: v for k, v in p.items()}
def branch(x, z, p, sfx, conv0, h0):
    """x, z (B, L, di) -> y (B, L, di), h_last, conv_last"""
    L = x.shape[1]
    xp = torch.cat([conv0.transpose(1, 2), x], 1)                       # (B, L+3, di)
    w = p['conv1d.weight' + sfx][:, 0]
    c = sum(xp[:, k:k + L] * w[:, k] for k in range(K)) + p['conv1d.bias' + sfx]
    u = F.silu(c); xd = u @ p['x_proj.weight' + sfx].T
    dt, Bm, Cm = xd.split([R, N, N], -1)
    dt = F.softplus(dt @ p['dt_proj.weight' + sfx].T + p['dt_proj.bias' + sfx], threshold=1e9)
    A = -torch.exp(p['A_log' + sfx]); h = h0; ys = []
    for t in range(L):
        h = torch.exp(dt[:, t, :, None] * A) * h + (dt[:, t] * u[:, t])[..., None] * Bm[:, t, None]
        ys.append((h * Cm[:, t, None]).sum(-1))
    y = torch.stack(ys, 1) + p['D' + sfx] * u
    return y * F.silu(z), h, xp[:, L:].transpose(1, 2)
def run(L, kind):
    p = {'in_proj.weight': rn(2 * di, dm, k=.35), 'out_proj.weight': rn(dm, di, k=.3), **branch_params()}
    if kind == 'bidir': p |= branch_params('_b')
    x = rn(Bt, L, dm); dy = rn(Bt, L, dm)
    conv0 = rn(Bt, di, K - 1) if kind == 'handover' else torch.zeros(Bt, di, K - 1)
    h0 = rn(Bt, di, N) if kind == 'handover' else torch.zeros(Bt, di, N)
    ten = {'x': x, 'conv_state0': conv0, 'h0': h0, **p}
    for v in ten.values(): v.requires_grad_()
    xz = x @ p['in_proj.weight'].T; xi, z = xz.chunk(2, -1)
    y, hl, cl = branch(xi, z, p, '', conv0, h0)
    if kind == 'bidir':
        yb, _, _ = branch(xi.flip(1), z.flip(1), p, '_b', conv0 * 0, h0 * 0); y = y + yb.flip(1)
    out = y @ p['out_proj.weight'].T
    loss = (out * dy).sum(); blob = {'y': out, 'dy': dy}
    if kind == 'handover':
        dh, dc = rn(Bt, di, N), rn(Bt, di, K - 1); loss = loss + (hl * dh).sum() + (cl * dc).sum()
        blob |= {'h_last': hl, 'conv_state_last': cl, 'dh_last': dh, 'dconv_state_last': dc}
    loss.backward()
    if kind != 'handover': ten.pop('conv_state0'); ten.pop('h0')
    blob |= ten | {'d_' + k: v.grad for k, v in ten.items()}
    save_file({k: np.ascontiguousarray(v.detach().numpy()) for k, v in blob.items()}, f'{OUT}/block_{kind}_L{L}.safetensors',
              metadata=dict(d_model=str(dm), d_inner=str(di), d_state=str(N), d_conv=str(K), dt_rank=str(R), kind=kind))
    return p, x, out
for L in (1, 2, 7):
    for kind in ('plain', 'handover', 'bidir'): p, x, out = run(L, kind)
# cross-check against an independent implementation (mambapy, f32)
from mambapy.mamba import MambaBlock, MambaConfig
p, x, out = run(7, 'plain')
blk = MambaBlock(MambaConfig(d_model=dm, n_layers=1, dt_rank=R, d_state=N, expand_factor=E, d_conv=K)).float()
blk.load_state_dict({k: v.detach().float() for k, v in p.items()})
print('max |golden - mambapy f32| =', float((blk(x.detach().float()).double() - out).abs().max()), 'scale', float(out.abs().max()))
