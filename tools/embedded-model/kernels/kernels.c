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

/* ---- attention of one head: at most MP keys, queries in groups of at most ROWS, all copied to local arrays ---- */
#define MP 32
#define ROWS 16
#define LANES 16
#define INLINE static inline __attribute__((always_inline))
_Static_assert(D % LANES == 0, "heads are whole vectors");
typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

/* out [rows][width] (+)= a [rows][inner] times b [inner][width], four rows at a time; the caller's constants `width` (a
 * multiple of LANES, at most MP) and `add` make the sums stay in registers. Element (r,k) of a is a[r * ar + k * ak]. */
INLINE void product(int rows, const float *a, long ar, long ak, const float *b, long bs, int inner, const int width,
                    float *out, long os, const int add)
{
    for (int first = 0; first < rows; first += 4) {
        vector sum[4][MP / LANES];
        for (int r = 0; r < 4; r++)
            for (int w = 0; w < width / LANES; w++)
                sum[r][w] = add ? *(const vector *)(out + (first + r) * os + w * LANES) : (vector){0};
        for (int k = 0; k < inner; k++)
            for (int r = 0; r < 4; r++)
                for (int w = 0; w < width / LANES; w++)
                    sum[r][w] += a[(first + r) * ar + k * ak] * *(const vector *)(b + k * bs + w * LANES);
        for (int r = 0; r < 4; r++)
            for (int w = 0; w < width / LANES; w++) *(vector *)(out + (first + r) * os + w * LANES) = sum[r][w];
    }
}

/* m keys and values of a head, and both transposed with zeros behind m. */
typedef struct {
    int m;
    float k[MP][D], v[MP][D], kt[D][MP], vt[D][MP];
} Keys;

INLINE void transpose(Keys *s)
{
    for (int d = 0; d < D; d++)
        for (int j = 0; j < MP; j++) {
            s->kt[d][j] = j < s->m ? s->k[j][d] : 0;
            s->vt[d][j] = j < s->m ? s->v[j][d] : 0;
        }
}

/* rows is a multiple of four, as everywhere below */
INLINE void probabilities(const Keys *s, int rows, const float (*q)[D], const int mp, float (*p)[MP])
{
    product(rows, q[0], D, 1, s->kt[0], MP, D, mp, p[0], MP, 0);
    for (int i = 0; i < rows; i++) {
        float top = -1e30f, sum = 0;
        for (int j = 0; j < mp; j++) p[i][j] = j < s->m ? p[i][j] : -1e30f;
        for (int j = 0; j < mp; j++) top = p[i][j] > top ? p[i][j] : top;
        for (int j = 0; j < mp; j++) { p[i][j] = expf(p[i][j] - top); sum += p[i][j]; }
        sum = 1 / sum;
        for (int j = 0; j < mp; j++) p[i][j] *= sum;
    }
}

INLINE void attend_with(const Keys *s, int rows, const float (*q)[D], const int mp, float (*o)[D])
{
    float p[ROWS][MP];
    probabilities(s, rows, q, mp, p);
    product(rows, p[0], MP, 1, s->v[0], D, s->m, D, o[0], D, 0);
}

static void attend(const Keys *s, int rows, const float (*q)[D], float (*o)[D])
{
    if (s->m <= 16) attend_with(s, rows, q, 16, o);
    else attend_with(s, rows, q, MP, o);
}

/* gives dq, adds to dk and dv; rows of q and go from n on are zero */
INLINE void attend_back_with(const Keys *s, int rows, const float (*q)[D], const float (*go)[D], const int mp,
                             float (*dq)[D], float (*dk)[D], float (*dv)[D])
{
    float p[ROWS][MP], ds[ROWS][MP];
    probabilities(s, rows, q, mp, p);
    product(rows, go[0], D, 1, s->vt[0], MP, D, mp, ds[0], MP, 0);
    for (int i = 0; i < rows; i++) {
        float dot = 0;
        for (int j = 0; j < mp; j++) dot += p[i][j] * ds[i][j];
        for (int j = 0; j < mp; j++) ds[i][j] = p[i][j] * (ds[i][j] - dot);
    }
    product(rows, ds[0], MP, 1, s->k[0], D, s->m, D, dq[0], D, 0);
    product(mp, ds[0], 1, MP, q[0], D, rows, D, dk[0], D, 1);
    product(mp, p[0], 1, MP, go[0], D, rows, D, dv[0], D, 1);
}

static void attend_back(const Keys *s, int rows, const float (*q)[D], const float (*go)[D], float (*dq)[D],
                        float (*dk)[D], float (*dv)[D])
{
    if (s->m <= 16) attend_back_with(s, rows, q, go, 16, dq, dk, dv);
    else attend_back_with(s, rows, q, go, MP, dq, dk, dv);
}

/* n rows of an array with a stride to a local one, zeros up to a multiple of four, which is returned */
INLINE int take(const float *x, long stride, int n, float (*o)[D])
{
    int rows = (n + 3) & ~3;
    for (int i = 0; i < n; i++) memcpy(o[i], x + i * stride, sizeof o[i]);
    for (int i = n; i < rows; i++) memset(o[i], 0, sizeof o[i]);
    return rows;
}

INLINE void put(const float (*o)[D], int n, float *x, long stride)
{
    for (int i = 0; i < n; i++) memcpy(x + i * stride, o[i], sizeof o[i]);
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
    long stride = temporal ? S : 1;
#define BASE(g) (temporal ? (long)((g) / S) * T * S + (g) % S : (long)(g) * S)
#define TURN(i) temporal ? co + (i) * (D / 2) : 0, temporal ? si + (i) * (D / 2) : 0

/* normalised and turned queries, keys and values of one head; row points at its first query */
INLINE void read_self(const float *row, long stride, const float *gq, const float *gk, const float *co, const float *si,
                      int n, int C, int temporal, float (*q)[D], Keys *s)
{
    s->m = n;
    for (int i = 0; i < n; i++, row += stride * 3 * C) {
        norm_rope(row, gq, TURN(i), 1 / sqrtf((float)D), q[i]);
        norm_rope(row + C, gk, TURN(i), 1, s->k[i]);
        memcpy(s->v[i], row + 2 * C, sizeof s->v[i]);
    }
    for (int i = n; i < ((n + 3) & ~3); i++) memset(q[i], 0, sizeof q[i]);
    transpose(s);
}

void self_attention(const float *qkv, const float *gq, const float *gk, const float *co, const float *si, float *out,
                    int B, int T, int S, int H, int temporal)
{
    LAYOUT
#pragma omp parallel for
    for (int g = 0; g < groups; g++)
        for (int h = 0; h < H; h++) {
            Keys s;
            float q[MP][D], o[ROWS][D];
            read_self(qkv + BASE(g) * 3 * C + h * D, stride, gq, gk, co, si, n, C, temporal, q, &s);
            for (int first = 0; first < n; first += ROWS) {
                int count = n - first < ROWS ? n - first : ROWS;
                attend(&s, (count + 3) & ~3, q + first, o);
                put(o, count, out + (BASE(g) + first * stride) * C + h * D, stride * C);
            }
        }
}

void self_attention_back(const float *qkv, const float *gq, const float *gk, const float *co, const float *si,
                         const float *dout, float *dqkv, float *dgq, float *dgk, int B, int T, int S, int H, int temporal)
{
    LAYOUT
    float factor = 1 / sqrtf((float)D);
#pragma omp parallel
    {
        float agq[D] = {0}, agk[D] = {0};
#pragma omp for
        for (int g = 0; g < groups; g++)
            for (int h = 0; h < H; h++) {
                Keys s;
                float q[MP][D], go[ROWS][D], dq[MP][D], dk[MP][D] = {0}, dv[MP][D] = {0};
                read_self(qkv + BASE(g) * 3 * C + h * D, stride, gq, gk, co, si, n, C, temporal, q, &s);
                for (int first = 0; first < n; first += ROWS) {
                    int count = n - first < ROWS ? n - first : ROWS;
                    int rows = take(dout + (BASE(g) + first * stride) * C + h * D, stride * C, count, go);
                    attend_back(&s, rows, q + first, go, dq + first, dk, dv);
                }
                for (int i = 0; i < n; i++) {
                    long at = (BASE(g) + i * stride) * 3 * C + h * D;
                    norm_rope_back(qkv + at, gq, TURN(i), factor, dq[i], dqkv + at, agq);
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

/* scaled keys, and values, of one head of kv [L, 2C] */
INLINE void read_keys(const float *kv, int m, int C, int h, Keys *s)
{
    s->m = m;
    for (int j = 0; j < m; j++) {
        const float *row = kv + (long)j * 2 * C + h * D;
        for (int d = 0; d < D; d++) s->k[j][d] = row[d] / sqrtf((float)D);
        memcpy(s->v[j], row + C, sizeof s->v[j]);
    }
    transpose(s);
}

/* Cross attention: q [B*N, C], kv [B, L, 2C], len [B] keys each (at most MP). */
void cross_attention(const float *q, const float *kv, const int *len, float *out, int B, int N, int L, int H)
{
    int C = H * D;
#pragma omp parallel for
    for (int g = 0; g < B * H; g++) {
        int b = g / H, h = g % H;
        Keys s;
        read_keys(kv + (long)b * L * 2 * C, len[b], C, h, &s);
        for (int first = 0; first < N; first += ROWS) {
            int count = N - first < ROWS ? N - first : ROWS;
            long at = ((long)b * N + first) * C + h * D;
            float x[ROWS][D], o[ROWS][D];
            attend(&s, take(q + at, C, count, x), x, o);
            put(o, count, out + at, C);
        }
    }
}

void cross_attention_back(const float *q, const float *kv, const int *len, const float *dout, float *dq, float *dkv,
                          int B, int N, int L, int H)
{
    int C = H * D;
#pragma omp parallel for
    for (int g = 0; g < B * H; g++) {
        int b = g / H, h = g % H;
        Keys s;
        float dk[MP][D] = {0}, dv[MP][D] = {0};
        read_keys(kv + (long)b * L * 2 * C, len[b], C, h, &s);
        for (int first = 0; first < N; first += ROWS) {
            int count = N - first < ROWS ? N - first : ROWS;
            long at = ((long)b * N + first) * C + h * D;
            float x[ROWS][D], go[ROWS][D], o[ROWS][D];
            take(q + at, C, count, x);
            attend_back(&s, take(dout + at, C, count, go), x, go, o, dk, dv);
            put(o, count, dq + at, C);
        }
        for (int j = 0; j < L; j++) {
            float *row = dkv + ((long)b * L + j) * 2 * C + h * D;
            for (int d = 0; d < D; d++) {
                row[d] = dk[j][d] / sqrtf((float)D);
                row[C + d] = dv[j][d];
            }
        }
    }
}
