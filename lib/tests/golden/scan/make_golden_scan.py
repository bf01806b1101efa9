"""Check ref_scan against torch autograd (float64) and finite differences; write golden fixtures."""
import itertools, json, os, sys
import numpy as np, torch
from safetensors.numpy import save_file
sys.path.insert(0, os.path.dirname(__file__))
import ref_scan as R
torch.set_default_dtype(torch.float64)
OUT = os.path.dirname(os.path.abspath(__file__))


def torch_scan(u, delta, A, B, C, D=None, z=None, delta_bias=None, softplus=True, h0=None, reverse=False):
    """Independent: written step by step on torch tensors so that autograd does the work."""
    if reverse:
        f = lambda x: None if x is None else x.flip(1)
        o, h = torch_scan(f(u), f(delta), A, f(B), f(C), D, f(z), delta_bias, softplus, h0)
        return o.flip(1), h
    p = delta if delta_bias is None else delta + delta_bias
    dt = torch.nn.functional.softplus(p, threshold=1e9) if softplus else p
    h = torch.zeros(u.shape[0], u.shape[2], A.shape[1]) if h0 is None else h0
    ys = []
    for t in range(u.shape[1]):
        h = torch.exp(dt[:, t, :, None] * A) * h + dt[:, t, :, None] * B[:, t, None, :] * u[:, t, :, None]
        ys.append((h * C[:, t, None, :]).sum(-1))
    y = torch.stack(ys, 1)
    if D is not None:
        y = y + D * u
    if z is not None:
        y = y * torch.nn.functional.silu(z)
    return y, h


def inputs(rng, Bt, D, N, L, softplus):
    f32 = lambda x: np.asarray(x, np.float32).astype(np.float64)     # exactly representable in f32
    return dict(u=f32(rng.standard_normal((Bt, L, D))),
                delta=f32(rng.standard_normal((Bt, L, D)) if softplus else rng.uniform(0.01, 0.8, (Bt, L, D))),
                A=f32(-np.exp(rng.uniform(np.log(0.3), np.log(6.0), (D, N)))),
                B=f32(rng.standard_normal((Bt, L, N))), C=f32(rng.standard_normal((Bt, L, N))),
                D=f32(rng.standard_normal(D)), z=f32(rng.standard_normal((Bt, L, D)) * 1.5),
                delta_bias=f32(rng.standard_normal(D) * 0.7 - 1.0), h0=f32(rng.standard_normal((Bt, D, N))),
                dout=f32(rng.standard_normal((Bt, L, D))), dh_last=f32(rng.standard_normal((Bt, D, N))))


CASES = {  # name -> options
    'full':    dict(D=1, z=1, delta_bias=1, h0=1, dh_last=1, softplus=True, reverse=False),
    'reverse': dict(D=1, z=1, delta_bias=1, h0=1, dh_last=1, softplus=True, reverse=True),
    'plain':   dict(D=0, z=0, delta_bias=0, h0=0, dh_last=0, softplus=False, reverse=False),
    'noz':     dict(D=1, z=0, delta_bias=1, h0=1, dh_last=1, softplus=True, reverse=False),
    'state':   dict(D=0, z=0, delta_bias=1, h0=1, dh_last=1, softplus=True, reverse=False, dout_zero=True),
}
worst = {}
rng = np.random.default_rng(20261122)
os.makedirs(OUT, exist_ok=True)
manifest = {}
for L, (name, o) in itertools.product((1, 2, 7, 33), CASES.items()):
    x = inputs(rng, 2, 6, 4, L, o['softplus'])
    if o.get('dout_zero'):
        x['dout'][:] = 0.0     # loss only through the final state
    for k in ('D', 'z', 'delta_bias', 'h0', 'dh_last'):
        if not o[k]:
            x[k] = None
    out, hl, ca = R.scan_fwd(x['u'], x['delta'], x['A'], x['B'], x['C'], x['D'], x['z'], x['delta_bias'],
                             o['softplus'], x['h0'], o['reverse'])
    g = R.scan_bwd(x['dout'], x['dh_last'], ca, o['reverse'])
    t = {k: (None if v is None else torch.tensor(v, requires_grad=k not in ('dout', 'dh_last'))) for k, v in x.items()}
    to, th = torch_scan(t['u'], t['delta'], t['A'], t['B'], t['C'], t['D'], t['z'], t['delta_bias'], o['softplus'],
                        t['h0'], o['reverse'])
    loss = (to * t['dout']).sum()
    if t['dh_last'] is not None:
        loss = loss + (th * t['dh_last']).sum()
    loss.backward()
    def cmp(tag, a, b):
        e = float(np.max(np.abs(a - b)) / (1e-300 + np.max(np.abs(b)))) if b.size and np.max(np.abs(b)) > 0 else float(np.max(np.abs(a)) if a.size else 0)
        worst[tag] = max(worst.get(tag, 0.0), e)
    cmp('out', out, to.detach().numpy()); cmp('h_last', hl, th.detach().numpy())
    for k, gk in (('u', 'du'), ('delta', 'ddelta'), ('A', 'dA'), ('B', 'dB'), ('C', 'dC'), ('D', 'dD'), ('z', 'dz'),
                  ('delta_bias', 'ddelta_bias'), ('h0', 'dh0')):
        if t[k] is not None:
            grad = t[k].grad
            cmp(gk, g[gk], np.zeros_like(x[k]) if grad is None else grad.numpy())
    blob = {k: np.ascontiguousarray(v) for k, v in x.items() if v is not None}
    blob |= {'out': np.ascontiguousarray(out), 'h_last': hl}
    blob |= {k: np.ascontiguousarray(v) for k, v in g.items() if v is not None
             and not (k == 'ddelta_bias' and x['delta_bias'] is None)}
    fn = f'scan_{name}_L{L}.safetensors'
    meta = {k: str(v) for k, v in dict(delta_softplus=o['softplus'], reverse=o['reverse'], L=L, B=2, D=6, N=4,
            layout='u,delta,z,out:(B,L,D) B,C:(B,L,N) A:(D,N) h:(B,D,N)').items()}
    save_file(blob, os.path.join(OUT, fn), metadata=meta)
    manifest[fn] = meta

# packed variable length: 5 segments incl. an empty one and length 1; both directions
for rev in (False, True):
    cu = np.array([0, 7, 8, 8, 20, 33], np.int64)
    x = inputs(rng, 1, 6, 4, 33, True)
    pk = {k: (v[0] if k in ('u', 'delta', 'B', 'C', 'z', 'dout') else v) for k, v in x.items()}
    pk['h0'] = rng.standard_normal((5, 6, 4)).astype(np.float32).astype(np.float64)
    pk['dh_last'] = rng.standard_normal((5, 6, 4)).astype(np.float32).astype(np.float64)
    out, hl, cas = R.packed_fwd(pk['u'], pk['delta'], pk['A'], pk['B'], pk['C'], cu, pk['D'], pk['z'], pk['delta_bias'], True, pk['h0'], rev)
    g = R.packed_bwd(pk['dout'], pk['dh_last'], cas, cu, pk['A'], pk['D'], True, rev)
    t = {k: torch.tensor(v, requires_grad=True) for k, v in pk.items() if k not in ('dout', 'dh_last')}
    loss = 0
    for i in range(5):
        s, e = cu[i], cu[i + 1]
        if s == e:
            loss = loss + (t['h0'][i] * torch.tensor(pk['dh_last'][i])).sum(); continue
        to, th = torch_scan(t['u'][None, s:e], t['delta'][None, s:e], t['A'], t['B'][None, s:e], t['C'][None, s:e], t['D'],
                            t['z'][None, s:e], t['delta_bias'], True, t['h0'][i:i + 1], rev)
        worst['packed_out'] = max(worst.get('packed_out', 0), float(np.abs(to.detach().numpy()[0] - out[s:e]).max()))
        loss = loss + (to[0] * torch.tensor(pk['dout'][s:e])).sum() + (th[0] * torch.tensor(pk['dh_last'][i])).sum()
    loss.backward()
    for k, gk in (('u', 'du'), ('delta', 'ddelta'), ('A', 'dA'), ('B', 'dB'), ('C', 'dC'), ('D', 'dD'), ('z', 'dz'), ('delta_bias', 'ddelta_bias'), ('h0', 'dh0')):
        e = float(np.abs(g[gk] - t[k].grad.numpy()).max() / np.abs(g[gk]).max())
        worst['packed_' + gk] = max(worst.get('packed_' + gk, 0), e)
    fn = f"packed_{'rev' if rev else 'fwd'}_T33.safetensors"
    blob = {k: np.ascontiguousarray(v) for k, v in pk.items()} | {'cu_seqlens': cu, 'out': out, 'h_last': hl} | {k: np.ascontiguousarray(v) for k, v in g.items()}
    meta = dict(delta_softplus='True', reverse=str(rev), layout='u:(T,D) B:(T,N) h0:(S,D,N)')
    save_file(blob, os.path.join(OUT, fn), metadata=meta); manifest[fn] = meta

# handover identity: scanning [A;B] equals scanning A then B from A's final state (outputs and all gradients)
x = inputs(rng, 2, 6, 4, 20, True); k = 9
o, hl, ca = R.scan_fwd(x['u'], x['delta'], x['A'], x['B'], x['C'], x['D'], x['z'], x['delta_bias'], True, x['h0'])
G = R.scan_bwd(x['dout'], x['dh_last'], ca)
cut = lambda a, b: {n: (v[:, a:b] if n in ('u', 'delta', 'B', 'C', 'z', 'dout') else v) for n, v in x.items()}
xa, xb = cut(0, k), cut(k, 20)
oa, ha, c1 = R.scan_fwd(xa['u'], xa['delta'], xa['A'], xa['B'], xa['C'], xa['D'], xa['z'], xa['delta_bias'], True, xa['h0'])
ob, hb, c2 = R.scan_fwd(xb['u'], xb['delta'], xb['A'], xb['B'], xb['C'], xb['D'], xb['z'], xb['delta_bias'], True, ha)
g2 = R.scan_bwd(xb['dout'], x['dh_last'], c2); g1 = R.scan_bwd(xa['dout'], g2['dh0'], c1)
worst['handover_out'] = float(max(np.abs(o[:, :k] - oa).max(), np.abs(o[:, k:] - ob).max(), np.abs(hl - hb).max()))
worst['handover_grads'] = float(max(np.abs(np.concatenate([g1['du'], g2['du']], 1) - G['du']).max(),
                              np.abs(g1['dA'] + g2['dA'] - G['dA']).max(), np.abs(g1['dh0'] - G['dh0']).max()))
# finite differences on a few scalars of the full case
x = inputs(rng, 2, 6, 4, 7, True)
def L_(x):
    o, h, _ = R.scan_fwd(x['u'], x['delta'], x['A'], x['B'], x['C'], x['D'], x['z'], x['delta_bias'], True, x['h0'])
    return (o * x['dout']).sum() + (h * x['dh_last']).sum()
_, _, ca = R.scan_fwd(x['u'], x['delta'], x['A'], x['B'], x['C'], x['D'], x['z'], x['delta_bias'], True, x['h0'])
g = R.scan_bwd(x['dout'], x['dh_last'], ca)
fd = 0
for kk, gk in (('u', 'du'), ('delta', 'ddelta'), ('A', 'dA'), ('B', 'dB'), ('C', 'dC'), ('D', 'dD'), ('z', 'dz'), ('delta_bias', 'ddelta_bias'), ('h0', 'dh0')):
    for _ in range(5):
        i = tuple(rng.integers(0, s) for s in x[kk].shape); eps = 1e-6
        x[kk][i] += eps; lp = L_(x); x[kk][i] -= 2 * eps; lm = L_(x); x[kk][i] += eps
        fd = max(fd, abs((lp - lm) / (2 * eps) - g[gk][i]) / (1 + abs(g[gk][i])))
worst['finite_difference'] = fd
json.dump(manifest, open(os.path.join(OUT, 'MANIFEST.json'), 'w'), indent=1)
for k, v in worst.items():
    print(f'{k:22s} {v:.2e}')
