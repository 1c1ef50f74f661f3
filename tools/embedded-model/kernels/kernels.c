/* Fused forward and backward loops for the transformer on a CPU (see kernels/__init__.py).
 * Compiled for one head width D. Rows are tokens; all tensors are contiguous float32.
 * B batch, N tokens of a clip, C = heads*D channels. */
#include <math.h>
#include <string.h>

#ifndef D
#define D 32
#endif
#define MAXC 1024
#define EPS 1e-6f

/* u = LayerNorm(x) * (1 + scale_b) + shift_b ; keeps 1/std and the mean of every row */
void ln_mod(const float *x, const float *shift, const float *scale, float *u, float *stat, int B, int N, int C)
{
#pragma omp parallel for
    for (int r = 0; r < B * N; r++) {
        const float *a = x + (long)r * C, *sh = shift + (long)(r / N) * C, *sc = scale + (long)(r / N) * C;
        float *o = u + (long)r * C, m = 0, v = 0;
        for (int c = 0; c < C; c++) m += a[c];
        m /= C;
        for (int c = 0; c < C; c++) v += (a[c] - m) * (a[c] - m);
        float k = 1 / sqrtf(v / C + EPS);
        for (int c = 0; c < C; c++) o[c] = (a[c] - m) * k * (1 + sc[c]) + sh[c];
        stat[2 * r] = m;
        stat[2 * r + 1] = k;
    }
}

void ln_mod_back(const float *x, const float *scale, const float *stat, const float *du, float *dx, float *dshift,
                 float *dscale, int B, int N, int C)
{
#pragma omp parallel for
    for (int b = 0; b < B; b++) {
        const float *sc = scale + (long)b * C;
        float dsh[MAXC] = {0}, dsc[MAXC] = {0};
        for (int r = b * N; r < (b + 1) * N; r++) {
            const float *a = x + (long)r * C, *g = du + (long)r * C;
            float *o = dx + (long)r * C, m = stat[2 * r], k = stat[2 * r + 1], s0 = 0, s1 = 0;
            for (int c = 0; c < C; c++) {
                float h = (a[c] - m) * k, w = g[c] * (1 + sc[c]);
                dsh[c] += g[c];
                dsc[c] += g[c] * h;
                s0 += w;
                s1 += w * h;
            }
            s0 /= C;
            s1 /= C;
            for (int c = 0; c < C; c++) o[c] = k * (g[c] * (1 + sc[c]) - s0 - (a[c] - m) * k * s1);
        }
        memcpy(dshift + (long)b * C, dsh, sizeof(float) * C);
        memcpy(dscale + (long)b * C, dsc, sizeof(float) * C);
    }
}

/* o = x + gate_b * m */
void gate_add(const float *x, const float *gate, const float *m, float *o, int B, int N, int C)
{
#pragma omp parallel for
    for (int r = 0; r < B * N; r++) {
        const float *g = gate + (long)(r / N) * C;
        for (int c = 0; c < C; c++) o[(long)r * C + c] = x[(long)r * C + c] + g[c] * m[(long)r * C + c];
    }
}

void gate_add_back(const float *gate, const float *m, const float *d, float *dm, float *dgate, int B, int N, int C)
{
#pragma omp parallel for
    for (int b = 0; b < B; b++) {
        const float *g = gate + (long)b * C;
        float acc[MAXC] = {0};
        for (int r = b * N; r < (b + 1) * N; r++)
            for (int c = 0; c < C; c++) {
                acc[c] += d[(long)r * C + c] * m[(long)r * C + c];
                dm[(long)r * C + c] = d[(long)r * C + c] * g[c];
            }
        memcpy(dgate + (long)b * C, acc, sizeof(float) * C);
    }
}

#define GELU_K 0.7978845608f
/* exp(-2u) of the tanh form; kept finite, because fast division turns 1/infinity into a NaN */
static inline float gelu_exp(float v)
{
    float u = -2 * GELU_K * (v + 0.044715f * v * v * v);
    return expf(u > 60 ? 60 : u < -60 ? -60 : u);
}
void gelu(const float *x, float *o, long n)
{
#pragma omp parallel for
    for (long i = 0; i < n; i++) {
        float v = x[i], e = gelu_exp(v);
        o[i] = v / (1 + e);
    }
}

void gelu_back(const float *x, const float *d, float *dx, long n)
{
#pragma omp parallel for
    for (long i = 0; i < n; i++) {
        float v = x[i], s = 1 / (1 + gelu_exp(v));
        dx[i] = d[i] * (s + v * s * (1 - s) * 2 * GELU_K * (1 + 3 * 0.044715f * v * v));
    }
}

/* ---- attention over at most MP keys, one head; p [n][MP] ---- */
#define MP 32

static inline void transpose(const float (*k)[D], int m, float (*t)[MP])
{
    for (int d = 0; d < D; d++)
        for (int j = 0; j < MP; j++) t[d][j] = j < m ? k[j][d] : 0;
}

static inline void probabilities(const float *q, const float (*kt)[MP], int m, int mp, float *p)
{
    float s[MP] = {0}, top = -1e30f, sum = 0;
    for (int d = 0; d < D; d++)
        for (int j = 0; j < mp; j++) s[j] += q[d] * kt[d][j];
    for (int j = m; j < mp; j++) s[j] = -1e30f;
    for (int j = 0; j < mp; j++) top = s[j] > top ? s[j] : top;
    for (int j = 0; j < mp; j++) { s[j] = expf(s[j] - top); sum += s[j]; }
    for (int j = 0; j < mp; j++) p[j] = s[j] / sum;
}

static inline void mix(const float *p, const float (*v)[D], int m, float *o)
{
    float a[D] = {0};
    for (int j = 0; j < m; j++)
        for (int d = 0; d < D; d++) a[d] += p[j] * v[j][d];
    memcpy(o, a, sizeof a);
}

/* one query row: adds to dk, dv and gives dq */
static inline void row_back(const float *p, const float *q, const float *go, const float (*k)[D], const float (*vt)[MP],
                            int m, int mp, float *dq, float (*dk)[D], float (*dv)[D])
{
    float dp[MP] = {0}, dot = 0, a[D] = {0};
    for (int d = 0; d < D; d++)
        for (int j = 0; j < mp; j++) dp[j] += go[d] * vt[d][j];
    for (int j = 0; j < mp; j++) dot += p[j] * dp[j];
    for (int j = 0; j < mp; j++) dp[j] = p[j] * (dp[j] - dot);
    for (int j = 0; j < m; j++) {
        float ds = dp[j], pj = p[j];
        for (int d = 0; d < D; d++) {
            a[d] += ds * k[j][d];
            dk[j][d] += ds * q[d];
            dv[j][d] += pj * go[d];
        }
    }
    memcpy(dq, a, sizeof a);
}

/* RMS norm with weight g, rotation by (co,si) [D/2] or none, times factor */
static inline void norm_rope(const float *x, const float *g, const float *co, const float *si, float factor, float *o)
{
    float s = 0;
    for (int d = 0; d < D; d++) s += x[d] * x[d];
    float r = factor / sqrtf(s / D + EPS);
    for (int d = 0; d < D; d++) o[d] = x[d] * r * g[d];
    if (co)
        for (int d = 0; d < D / 2; d++) {
            float a = o[2 * d], b = o[2 * d + 1];
            o[2 * d] = a * co[d] - b * si[d];
            o[2 * d + 1] = b * co[d] + a * si[d];
        }
}

static inline void norm_rope_back(const float *x, const float *g, const float *co, const float *si, float factor,
                                  const float *dy, float *dx, float *dg)
{
    float w[D], s = 0, t = 0;
    memcpy(w, dy, sizeof w);
    if (co)
        for (int d = 0; d < D / 2; d++) {
            float a = w[2 * d], b = w[2 * d + 1];
            w[2 * d] = a * co[d] + b * si[d];
            w[2 * d + 1] = b * co[d] - a * si[d];
        }
    for (int d = 0; d < D; d++) s += x[d] * x[d];
    float r = 1 / sqrtf(s / D + EPS);
    for (int d = 0; d < D; d++) {
        w[d] *= factor;
        dg[d] += w[d] * x[d] * r;
        w[d] *= g[d];
        t += w[d] * x[d];
    }
    t *= r * r * r / D;
    for (int d = 0; d < D; d++) dx[d] = r * w[d] - x[d] * t;
}

/* Self attention from qkv [B*T*S, 3C]; over the S tokens of a frame (temporal=0) or the T frames of a place (1). */
#define LAYOUT                                                                            \
    int C = H * D, n = temporal ? T : S, groups = temporal ? B * S : B * T;              \
    long stride = temporal ? S : 1;                                                       \
    int mp = n <= 16 ? 16 : MP;                                                           \
    float factor = 1 / sqrtf((float)D);
#define BASE(g) (temporal ? (long)((g) / S) * T * S + (g) % S : (long)(g) * S)
#define TURN(i) temporal ? co + (i) * (D / 2) : 0, temporal ? si + (i) * (D / 2) : 0

void self_attention(const float *qkv, const float *gq, const float *gk, const float *co, const float *si, float *out,
                    int B, int T, int S, int H, int temporal)
{
    LAYOUT
#pragma omp parallel for
    for (int g = 0; g < groups; g++)
        for (int h = 0; h < H; h++) {
            float q[MP][D], k[MP][D], v[MP][D], kt[D][MP], p[MP];
            for (int i = 0; i < n; i++) {
                const float *row = qkv + (BASE(g) + i * stride) * 3 * C + h * D;
                norm_rope(row, gq, TURN(i), factor, q[i]);
                norm_rope(row + C, gk, TURN(i), 1, k[i]);
                memcpy(v[i], row + 2 * C, sizeof v[i]);
            }
            transpose(k, n, kt);
            for (int i = 0; i < n; i++) {
                probabilities(q[i], kt, n, mp, p);
                mix(p, v, n, out + (BASE(g) + i * stride) * C + h * D);
            }
        }
}

void self_attention_back(const float *qkv, const float *gq, const float *gk, const float *co, const float *si,
                         const float *dout, float *dqkv, float *dgq, float *dgk, int B, int T, int S, int H, int temporal)
{
    LAYOUT
#pragma omp parallel
    {
        float agq[D] = {0}, agk[D] = {0};
#pragma omp for
        for (int g = 0; g < groups; g++)
            for (int h = 0; h < H; h++) {
                float q[MP][D], k[MP][D], v[MP][D], kt[D][MP], vt[D][MP], p[MP], dq[D], dk[MP][D], dv[MP][D];
                for (int i = 0; i < n; i++) {
                    const float *row = qkv + (BASE(g) + i * stride) * 3 * C + h * D;
                    norm_rope(row, gq, TURN(i), factor, q[i]);
                    norm_rope(row + C, gk, TURN(i), 1, k[i]);
                    memcpy(v[i], row + 2 * C, sizeof v[i]);
                }
                transpose(k, n, kt);
                transpose(v, n, vt);
                memset(dk, 0, sizeof dk);
                memset(dv, 0, sizeof dv);
                for (int i = 0; i < n; i++) {
                    long at = BASE(g) + i * stride;
                    probabilities(q[i], kt, n, mp, p);
                    row_back(p, q[i], dout + at * C + h * D, k, vt, n, mp, dq, dk, dv);
                    norm_rope_back(qkv + at * 3 * C + h * D, gq, TURN(i), factor, dq, dqkv + at * 3 * C + h * D, agq);
                }
                for (int i = 0; i < n; i++) {
                    long at = (BASE(g) + i * stride) * 3 * C + h * D;
                    norm_rope_back(qkv + at + C, gk, TURN(i), 1, dk[i], dqkv + at + C, agk);
                    memcpy(dqkv + at + 2 * C, dv[i], sizeof dv[i]);
                }
            }
#pragma omp critical
        for (int d = 0; d < D; d++) {
            dgq[d] += agq[d];
            dgk[d] += agk[d];
        }
    }
}

/* Cross attention: q [B*N, C], kv [B, L, 2C], len [B] keys each (at most MP). */
void cross_attention(const float *q, const float *kv, const int *len, float *out, int B, int N, int L, int H)
{
    int C = H * D;
    float factor = 1 / sqrtf((float)D);
#pragma omp parallel for
    for (int g = 0; g < B * H; g++) {
        int b = g / H, h = g % H, m = len[b], mp = m <= 16 ? 16 : MP;
        float k[MP][D], v[MP][D], kt[D][MP], p[MP];
        for (int j = 0; j < m; j++) {
            const float *row = kv + ((long)b * L + j) * 2 * C + h * D;
            for (int d = 0; d < D; d++) k[j][d] = row[d] * factor;
            memcpy(v[j], row + C, sizeof v[j]);
        }
        transpose(k, m, kt);
        for (int i = 0; i < N; i++) {
            long at = ((long)b * N + i) * C + h * D;
            probabilities(q + at, kt, m, mp, p);
            mix(p, v, m, out + at);
        }
    }
}

void cross_attention_back(const float *q, const float *kv, const int *len, const float *dout, float *dq, float *dkv,
                          int B, int N, int L, int H)
{
    int C = H * D;
    float factor = 1 / sqrtf((float)D);
#pragma omp parallel for
    for (int g = 0; g < B * H; g++) {
        int b = g / H, h = g % H, m = len[b], mp = m <= 16 ? 16 : MP;
        float k[MP][D], v[MP][D], kt[D][MP], vt[D][MP], p[MP], dk[MP][D], dv[MP][D];
        for (int j = 0; j < m; j++) {
            const float *row = kv + ((long)b * L + j) * 2 * C + h * D;
            for (int d = 0; d < D; d++) k[j][d] = row[d] * factor;
            memcpy(v[j], row + C, sizeof v[j]);
        }
        transpose(k, m, kt);
        transpose(v, m, vt);
        memset(dk, 0, sizeof dk);
        memset(dv, 0, sizeof dv);
        for (int i = 0; i < N; i++) {
            long at = ((long)b * N + i) * C + h * D;
            probabilities(q + at, kt, m, mp, p);
            row_back(p, q + at, dout + at, k, vt, m, mp, dq + at, dk, dv);
        }
        for (int j = 0; j < L; j++) {
            float *row = dkv + ((long)b * L + j) * 2 * C + h * D;
            for (int d = 0; d < D; d++) {
                row[d] = j < m ? dk[j][d] * factor : 0;
                row[C + d] = j < m ? dv[j][d] : 0;
            }
        }
    }
}
