/*
 * pushload - load harness for real-time push servers (WebSocket, SSE, Pusher).
 *
 * One process: R receiver threads (epoll, non-blocking) hold N subscriber
 * connections; P publisher threads send HTTP publishes over keep-alive
 * connections. Every published message carries a mark
 *
 *      ~RUN.CHANN.SEQSEQSEQS.TTTTTTTTTTTTTTTTTTT~        (43 bytes, fixed width)
 *
 * with the run id, channel index, per-channel sequence number and the send
 * time (CLOCK_MONOTONIC, ns). Whatever envelope the server puts around the
 * message (JSON, SockJS array, Engine.IO prefix, SSE "data:"), the mark
 * survives, since it needs no escaping; receivers look for it in each complete
 * message. From it follow loss, duplicates, order and latency.
 *
 * libc only. Build: gcc -O2 -Wall -pthread -o pushload pushload.c
 * See README.md for the options and examples.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define MARK_LEN 43
#define RBUF (256 * 1024)
#define MAX_STEPS 16
#define MAX_HDRS 32
#define MAX_PHASES 16
#define MAX_PIDS 512
#define MAX_THR 16
#define MAX_PUB 64
#define TPL_MAX (4 * 1024 * 1024)
#define MAX_DEPTH 4096
#define MAX_PAYLOAD (1024 * 1024)
#define EVENTS 512

static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "pushload: ");
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  exit(2);
}

static uint64_t now_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

static void sleep_until(uint64_t t) {
  struct timespec ts = {(time_t)(t / 1000000000ull), (long)(t % 1000000000ull)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR) {}
}
static void sleep_ms(uint64_t ms) { sleep_until(now_ns() + ms * 1000000ull); }

/* ------------------------------------------------------------------ */
/* Hashes: SHA-256, HMAC-SHA256, MD5 (for Pusher signatures and JWTs)   */
/* ------------------------------------------------------------------ */

static const uint32_t K256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct sha256 {
  uint32_t h[8];
  uint64_t len;
  uint8_t b[64];
  size_t n;
};
#define ROR(x, k) (((x) >> (k)) | ((x) << (32 - (k))))
#define ROL(x, k) (((x) << (k)) | ((x) >> (32 - (k))))

static void sha256_block(struct sha256 *s, const uint8_t *p) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], c = w[i - 2];
    w[i] = w[i - 16] + (ROR(a, 7) ^ ROR(a, 18) ^ (a >> 3)) + w[i - 7] + (ROR(c, 17) ^ ROR(c, 19) ^ (c >> 10));
  }
  memcpy(v, s->h, 32);
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = v[7] + (ROR(v[4], 6) ^ ROR(v[4], 11) ^ ROR(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K256[i] + w[i];
    uint32_t t2 = (ROR(v[0], 2) ^ ROR(v[0], 13) ^ ROR(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 28);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) s->h[i] += v[i];
}
static void sha256_init(struct sha256 *s) {
  static const uint32_t iv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(s->h, iv, 32);
  s->len = 0;
  s->n = 0;
}
static void sha256_add(struct sha256 *s, const void *d, size_t n) {
  const uint8_t *p = d;
  s->len += n;
  while (n) {
    size_t k = 64 - s->n < n ? 64 - s->n : n;
    memcpy(s->b + s->n, p, k);
    s->n += k, p += k, n -= k;
    if (s->n == 64) sha256_block(s, s->b), s->n = 0;
  }
}
static void sha256_end(struct sha256 *s, uint8_t out[32]) {
  uint64_t bits = s->len * 8;
  uint8_t c = 0x80, z = 0, l[8];
  sha256_add(s, &c, 1);
  while (s->n != 56) sha256_add(s, &z, 1);
  for (int i = 0; i < 8; i++) l[i] = (uint8_t)(bits >> (56 - 8 * i));
  sha256_add(s, l, 8);
  for (int i = 0; i < 8; i++)
    out[4 * i] = (uint8_t)(s->h[i] >> 24), out[4 * i + 1] = (uint8_t)(s->h[i] >> 16), out[4 * i + 2] = (uint8_t)(s->h[i] >> 8), out[4 * i + 3] = (uint8_t)s->h[i];
}
static void hmac256(const char *key, const void *d, size_t n, uint8_t out[32]) {
  uint8_t k[64] = {0}, x[64];
  size_t kl = strlen(key);
  struct sha256 s;
  if (kl > 64) {
    sha256_init(&s);
    sha256_add(&s, key, kl);
    sha256_end(&s, k);
  } else
    memcpy(k, key, kl);
  for (int i = 0; i < 64; i++) x[i] = k[i] ^ 0x36;
  sha256_init(&s);
  sha256_add(&s, x, 64);
  sha256_add(&s, d, n);
  sha256_end(&s, out);
  for (int i = 0; i < 64; i++) x[i] = k[i] ^ 0x5c;
  sha256_init(&s);
  sha256_add(&s, x, 64);
  sha256_add(&s, out, 32);
  sha256_end(&s, out);
}
static void md5(const void *data, size_t n, uint8_t out[16]) {
  static const uint8_t R[64] = {7, 12, 17, 22, 7, 12, 17, 22, 7, 12, 17, 22, 7, 12, 17, 22, 5, 9, 14, 20, 5, 9, 14, 20, 5, 9, 14, 20, 5, 9, 14, 20,
                                4, 11, 16, 23, 4, 11, 16, 23, 4, 11, 16, 23, 4, 11, 16, 23, 6, 10, 15, 21, 6, 10, 15, 21, 6, 10, 15, 21, 6, 10, 15, 21};
  static const uint32_t K[64] = {
      0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1,
      0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
      0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
      0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
      0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
      0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
  uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const uint8_t *p = data;
  uint8_t tail[128] = {0};
  size_t full = n / 64 * 64, rem = n - full, tl = rem < 56 ? 64 : 128;
  memcpy(tail, p + full, rem);
  tail[rem] = 0x80;
  uint64_t bits = (uint64_t)n * 8;
  for (int i = 0; i < 8; i++) tail[tl - 8 + i] = (uint8_t)(bits >> (8 * i));
  for (size_t o = 0; o < full + tl; o += 64) {
    const uint8_t *b = o < full ? p + o : tail + (o - full);
    uint32_t w[16], a = h[0], bb = h[1], c = h[2], d = h[3];
    for (int i = 0; i < 16; i++) w[i] = b[4 * i] | (uint32_t)b[4 * i + 1] << 8 | (uint32_t)b[4 * i + 2] << 16 | (uint32_t)b[4 * i + 3] << 24;
    for (int i = 0; i < 64; i++) {
      uint32_t f;
      int g;
      if (i < 16) f = (bb & c) | (~bb & d), g = i;
      else if (i < 32) f = (d & bb) | (~d & c), g = (5 * i + 1) % 16;
      else if (i < 48) f = bb ^ c ^ d, g = (3 * i + 5) % 16;
      else f = c ^ (bb | ~d), g = (7 * i) % 16;
      uint32_t t = d;
      d = c, c = bb;
      uint32_t x = a + f + K[i] + w[g];
      bb = bb + ROL(x, R[i]);
      a = t;
    }
    h[0] += a, h[1] += bb, h[2] += c, h[3] += d;
  }
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) out[4 * i + j] = (uint8_t)(h[i] >> (8 * j));
}
static void hex(const uint8_t *b, size_t n, char *out) {
  for (size_t i = 0; i < n; i++) sprintf(out + 2 * i, "%02x", b[i]);
}
static size_t b64url(const uint8_t *b, size_t n, char *out) {
  static const char A[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  size_t o = 0;
  for (size_t i = 0; i < n; i += 3) {
    uint32_t v = (uint32_t)b[i] << 16 | (i + 1 < n ? (uint32_t)b[i + 1] << 8 : 0) | (i + 2 < n ? b[i + 2] : 0);
    out[o++] = A[v >> 18];
    out[o++] = A[v >> 12 & 63];
    if (i + 1 < n) out[o++] = A[v >> 6 & 63];
    if (i + 2 < n) out[o++] = A[v & 63];
  }
  out[o] = 0;
  return o;
}

/* ------------------------------------------------------------------ */
/* Latency histogram: log-linear, 64 sub-buckets per octave (<1.6 %)    */
/* ------------------------------------------------------------------ */
#define HB 6
#define HSIZE ((64 - HB + 1) << HB)
struct hist {
  uint64_t n, max, sum;
  uint64_t b[HSIZE];
};
static inline void hist_add(struct hist *h, uint64_t v) {
  unsigned i;
  if (v < (1u << HB)) i = (unsigned)v;
  else {
    int e = 63 - __builtin_clzll(v);
    i = ((unsigned)(e - HB + 1) << HB) + (unsigned)((v >> (e - HB)) & ((1u << HB) - 1));
  }
  h->b[i]++;
  h->n++;
  h->sum += v;
  if (v > h->max) h->max = v;
}
static void hist_merge(struct hist *a, const struct hist *b) {
  for (int i = 0; i < HSIZE; i++) a->b[i] += b->b[i];
  a->n += b->n;
  a->sum += b->sum;
  if (b->max > a->max) a->max = b->max;
}
static uint64_t hist_q(const struct hist *h, double q) {
  if (!h->n) return 0;
  uint64_t want = (uint64_t)(q * (double)h->n + 0.5), c = 0;
  if (want < 1) want = 1;
  if (want > h->n) want = h->n;
  for (unsigned i = 0; i < HSIZE; i++) {
    c += h->b[i];
    if (c >= want) {
      uint64_t hi;
      if (i < (1u << HB)) hi = i;
      else {
        unsigned e = (i >> HB) + HB - 1;
        hi = (((uint64_t)(i & ((1u << HB) - 1)) | (1u << HB)) + 1) << (e - HB);
        hi--;
      }
      return hi < h->max ? hi : h->max;
    }
  }
  return h->max;
}

/* ------------------------------------------------------------------ */
/* Configuration                                                        */
/* ------------------------------------------------------------------ */
enum { M_WS, M_SSE, M_PUSHER };
struct step { /* wait for a message containing `match`, then send `send` */
  const char *match, *send;
};
struct phase {
  bool warm;      /* not reported */
  double rate;    /* publishes per second; 0 = closed loop */
  double secs;
  uint32_t window; /* closed loop: publishes not yet fully delivered; 0 = only wait for the HTTP response */
  uint32_t depth;  /* requests without an answer yet on one publisher connection (HTTP pipelining); 1: none */
  uint64_t messages; /* stop after this many publishes; 0: no limit */
  uint32_t payload; /* 0: that of --payload */
  char name[32];
};
static struct {
  const char *label;
  int mode;
  struct sockaddr_in target, pub_target;
  char hostport[64], pub_hostport[64];
  const char *path;
  const char *hdr[MAX_HDRS];
  int nhdr;
  struct step step[MAX_STEPS];
  int nstep;
  struct step reply[MAX_STEPS];
  int nreply;
  const char *ready, *capture;
  uint32_t n, k, stalled;
  const char *chan_tpl;
  double conn_rate;
  uint32_t conn_inflight;
  double conn_timeout;
  uint32_t src_base;
  int src_count;
  int threads, publishers;
  const char *pub_method, *pub_path, *pub_body;
  const char *pub_hdr[MAX_HDRS];
  int npub_hdr;
  bool pick_rr, ts_sched;
  const char *psh_key, *psh_secret; /* sign publishes */
  const char *jwt_secret, *jwt_claims;
  uint32_t payload;
  struct phase ph[MAX_PHASES];
  int nph;
  double settle, hold, drain;
  const char *exec_settled;
  int pids[MAX_PIDS];
  int npid;
  int rcvbuf;
  uint32_t poll_us;
  bool check_pad, verbose, slices;
} C;

static uint32_t g_run;
static char *g_pad;       /* pad pattern */
static uint32_t g_padlen; /* payload - MARK_LEN, for the present phase */
static uint32_t *g_phase_base;        /* per channel: last seq of earlier phases */
static _Atomic uint32_t *g_subs;      /* per channel: ready subscribers */
static uint32_t *g_seq;               /* per channel: last seq published (owned by one publisher) */
static _Atomic uint32_t g_started, g_ready, g_failed, g_closed;
static _Atomic uint64_t g_expected, g_delivered, g_writeoff;
static _Atomic int g_waiters;
static pthread_mutex_t g_mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_cv;
static _Atomic bool g_stop;
static _Atomic bool g_active; /* a phase is running: with --poll-us the receivers poll now, else they block */
static _Atomic int g_shown_errors;

static void show_error(const char *what, const uint8_t *d, size_t n) {
  if (atomic_fetch_add(&g_shown_errors, 1) >= 5) return;
  fprintf(stderr, "pushload: %s", what);
  if (d) {
    fprintf(stderr, ": ");
    for (size_t i = 0; i < n && i < 600; i++) fputc(d[i] == '\n' || isprint(d[i]) ? d[i] : '.', stderr);
  }
  fputc('\n', stderr);
}

/* ------------------------------------------------------------------ */
/* Templates: {i} {c} {chan} {seq} {ts_ns} {mark} {pad} {run} {cap}     */
/* {sid} {jwt} {rnd}; anything else in braces is left as it is          */
/* ------------------------------------------------------------------ */
struct tctx {
  uint32_t i, c;
  uint32_t seq;
  uint64_t ts;
  const char *cap;
};
static size_t put_mark(char *o, uint32_t c, uint32_t seq, uint64_t ts) {
  return (size_t)sprintf(o, "~%04x.%05u.%010u.%019" PRIu64 "~", g_run & 0xffff, c % 100000, seq, ts);
}
static size_t expand(char *out, size_t cap, const char *t, const struct tctx *x);
static size_t make_jwt(char *out, size_t cap, const struct tctx *x) {
  char claims[4096], buf[8192];
  size_t n = expand(claims, sizeof claims, C.jwt_claims, x);
  size_t o = b64url((const uint8_t *)"{\"alg\":\"HS256\",\"typ\":\"JWT\"}", 27, buf);
  buf[o++] = '.';
  o += b64url((uint8_t *)claims, n, buf + o);
  uint8_t mac[32];
  hmac256(C.jwt_secret, buf, o, mac);
  buf[o++] = '.';
  o += b64url(mac, 32, buf + o);
  if (o + 1 > cap) die("JWT too long");
  memcpy(out, buf, o + 1);
  return o;
}
static size_t expand(char *out, size_t cap, const char *t, const struct tctx *x) {
  size_t o = 0;
  while (*t) {
    const char *b = strchr(t, '{');
    size_t k = b ? (size_t)(b - t) : strlen(t);
    if (o + k + 1 > cap) die("template too long");
    memcpy(out + o, t, k);
    o += k;
    t += k;
    if (!b) break;
#define IS(m) (!strncmp(t, "{" m "}", sizeof(m) + 1) && (t += sizeof(m) + 1))
    char *w = out + o;
    size_t room = cap - o;
    if (room < 320) die("template too long"); /* enough for all but {pad}, {chan} and {jwt} */
    if (IS("mark")) o += put_mark(w, x->c, x->seq, x->ts);
    else if (IS("pad")) {
      if (room <= g_padlen) die("template too long");
      memcpy(w, g_pad, g_padlen), o += g_padlen;
    }
    else if (IS("chan")) o += expand(w, room, C.chan_tpl, &(struct tctx){.i = x->i, .c = x->c});
    else if (IS("i")) o += (size_t)sprintf(w, "%u", x->i);
    else if (IS("c")) o += (size_t)sprintf(w, "%u", x->c);
    else if (IS("seq")) o += (size_t)sprintf(w, "%010u", x->seq);
    else if (IS("ts_ns")) o += (size_t)sprintf(w, "%019" PRIu64, x->ts);
    else if (IS("run")) o += (size_t)sprintf(w, "%04x", g_run & 0xffff);
    else if (IS("rnd")) o += (size_t)sprintf(w, "%08lx", (unsigned long)(random() & 0xffffffff));
    else if (IS("cap") || IS("sid")) o += (size_t)snprintf(w, room, "%s", x->cap ? x->cap : "");
    else if (IS("jwt")) o += make_jwt(w, room, x);
    else {
      out[o++] = '{';
      t++;
    }
#undef IS
  }
  if (o >= cap) die("template too long");
  out[o] = 0;
  return o;
}

/* ------------------------------------------------------------------ */
/* Server processes: CPU time and memory                                */
/* ------------------------------------------------------------------ */
/* All given pids and their descendants. */
static int collect_pids(int *out) {
  static int pid[65536], ppid[65536];
  int n = 0, m = 0;
  DIR *d = opendir("/proc");
  struct dirent *e;
  while (d && (e = readdir(d))) {
    if (!isdigit((unsigned char)e->d_name[0]) || n >= 65536) continue;
    char f[64], b[512];
    snprintf(f, sizeof f, "/proc/%.20s/stat", e->d_name);
    int fd = open(f, O_RDONLY);
    if (fd < 0) continue;
    ssize_t r = read(fd, b, sizeof b - 1);
    close(fd);
    if (r <= 0) continue;
    b[r] = 0;
    char *p = strrchr(b, ')'), st;
    int pp;
    if (!p || sscanf(p + 1, " %c %d", &st, &pp) != 2) continue;
    pid[n] = atoi(e->d_name), ppid[n] = pp, n++;
  }
  if (d) closedir(d);
  for (int i = 0; i < C.npid && m < MAX_PIDS; i++) out[m++] = C.pids[i];
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n && m < MAX_PIDS; j++)
      if (ppid[j] == out[i]) {
        bool have = false;
        for (int q = 0; q < m; q++) have |= out[q] == pid[j];
        if (!have) out[m++] = pid[j];
      }
  return m;
}
struct usage {
  uint64_t cpu_ns;       /* utime+stime of all server processes, ns precision */
  uint64_t utime, stime; /* the same from /proc/PID/stat, in ticks: for the split */
};
static struct usage server_usage(void) {
  struct usage u = {0};
  int p[MAX_PIDS], n = C.npid ? collect_pids(p) : 0;
  for (int i = 0; i < n; i++) {
    clockid_t clk;
    struct timespec ts;
    char f[64], b[1024];
    snprintf(f, sizeof f, "/proc/%d/stat", p[i]);
    int fd = open(f, O_RDONLY);
    if (fd < 0) continue;
    ssize_t r = read(fd, b, sizeof b - 1);
    close(fd);
    if (r <= 0) continue;
    b[r] = 0;
    char *q = strrchr(b, ')');
    unsigned long ut = 0, st = 0;
    if (q) sscanf(q + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
    u.utime += ut, u.stime += st;
    /* the process CPU clock: same quantity as utime+stime, without the 10 ms grain */
    if (clock_getcpuclockid(p[i], &clk) == 0 && clock_gettime(clk, &ts) == 0)
      u.cpu_ns += (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
    else
      u.cpu_ns += (uint64_t)(ut + st) * (1000000000ull / (uint64_t)sysconf(_SC_CLK_TCK));
  }
  return u;
}
struct mem {
  uint64_t rss, pss; /* KiB, summed over the server's processes */
};
static struct mem server_mem(void) {
  struct mem m = {0};
  int p[MAX_PIDS], n = C.npid ? collect_pids(p) : 0;
  for (int i = 0; i < n; i++) {
    char f[64], l[256];
    snprintf(f, sizeof f, "/proc/%d/smaps_rollup", p[i]);
    FILE *s = fopen(f, "r");
    if (!s) continue;
    while (fgets(l, sizeof l, s)) {
      unsigned long v;
      if (sscanf(l, "Rss: %lu", &v) == 1) m.rss += v;
      else if (sscanf(l, "Pss: %lu", &v) == 1) m.pss += v;
    }
    fclose(s);
  }
  return m;
}
/* Whole machine, from /proc/stat, in ticks. */
struct syscpu {
  uint64_t busy, idle, steal;
};
static struct syscpu sys_cpu(void) {
  struct syscpu s = {0};
  unsigned long long v[8] = {0};
  FILE *f = fopen("/proc/stat", "r");
  if (f) {
    if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) < 8) v[7] = 0;
    fclose(f);
  }
  s.idle = v[3] + v[4];
  s.steal = v[7];
  s.busy = v[0] + v[1] + v[2] + v[5] + v[6];
  return s;
}
static uint64_t mem_available_kb(void) {
  FILE *f = fopen("/proc/meminfo", "r");
  char l[256];
  unsigned long v = 0;
  while (f && fgets(l, sizeof l, f))
    if (sscanf(l, "MemAvailable: %lu", &v) == 1) break;
  if (f) fclose(f);
  return v;
}
static uint64_t self_cpu_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}
static uint64_t thread_cpu_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* ------------------------------------------------------------------ */
/* Receivers                                                            */
/* ------------------------------------------------------------------ */
enum { S_NEW, S_CONNECTING, S_HEAD, S_SCRIPT, S_READY, S_STALLED, S_CLOSED };
struct conn {
  int fd;
  uint8_t state, step;
  bool chunked, msg_active;
  uint8_t ck;       /* chunk decoder state */
  uint64_t ck_left; /* bytes left in this chunk / size being read */
  uint32_t idx, chan;
  uint32_t next_seq; /* next expected sequence number on this channel */
  uint64_t seen;     /* bit d: seq (next_seq-1-d) was received */
  uint8_t *buf;      /* bytes not yet parsed (partial header or frame) */
  uint32_t len, cap;
  uint8_t *msg; /* WS: fragments so far. SSE: incomplete event */
  uint32_t mlen, mcap;
  char *capt;
  uint64_t t0;
};
struct stats {
  uint64_t deliveries, dup, ooo, gaps, late, stale, misrouted, corrupt, proto_err;
  uint64_t other_msgs, comments, pings, reads, bytes, fragments, partials;
  uint64_t first_ns, last_ns;
  struct hist lat;
};
struct thr {
  pthread_t th;
  int id, ep, evfd;
  struct conn *conns;
  uint32_t n, started, inflight;
  uint64_t t_connect0, t_last_ready, unflushed;
  struct stats st, snap;
  struct hist hs; /* handshake time */
  uint8_t *rb, *joinbuf;
  size_t joincap;
  const uint8_t *ev; /* SSE, before a connection is ready: the present event's name */
  size_t evn;
  char *tpl;
  uint64_t now; /* time of the last read */
  uint64_t cpu, snap_cpu;
  _Atomic int cmd; /* 1: snapshot and reset requested */
};
static struct thr T[MAX_THR];

static void buf_put(uint8_t **b, uint32_t *len, uint32_t *cap, const void *d, size_t n) {
  if (*len + n > *cap) {
    uint32_t c = *cap ? *cap : 256;
    while (c < *len + n) c *= 2;
    *b = realloc(*b, c);
    if (!*b) die("out of memory");
    *cap = c;
  }
  memcpy(*b + *len, d, n);
  *len += (uint32_t)n;
}

static void conn_close(struct thr *t, struct conn *c, const char *why) {
  if (c->state == S_CLOSED) return;
  if (c->state == S_READY || c->state == S_STALLED) {
    atomic_fetch_add(&g_closed, 1);
    if (C.verbose) show_error(why, NULL, 0);
  } else {
    t->inflight--;
    atomic_fetch_add(&g_failed, 1);
    show_error(why, c->buf, c->len);
  }
  c->state = S_CLOSED;
  close(c->fd);
  c->fd = -1;
}

static void conn_ready(struct thr *t, struct conn *c) {
  c->state = S_READY;
  t->inflight--;
  t->now = now_ns();
  t->t_last_ready = t->now;
  hist_add(&t->hs, t->now - c->t0);
  if (c->idx < C.stalled) { /* a subscriber that stops reading */
    c->state = S_STALLED;
    struct epoll_event ev = {.events = 0, .data.ptr = c};
    epoll_ctl(t->ep, EPOLL_CTL_MOD, c->fd, &ev);
  } else
    atomic_fetch_add(&g_subs[c->chan], 1);
  atomic_fetch_add(&g_ready, 1);
}

/* Small control messages: the socket buffer is empty in practice, so a short write is an error. */
static void ws_send(struct conn *c, int op, const void *d, size_t n) {
  static const uint8_t mk[4] = {0x37, 0xfa, 0x21, 0x3d};
  uint8_t b[n + 14];
  size_t h = 2;
  b[0] = (uint8_t)(0x80 | op);
  if (n < 126) b[1] = (uint8_t)(0x80 | n);
  else b[1] = 0x80 | 126, b[2] = (uint8_t)(n >> 8), b[3] = (uint8_t)n, h = 4;
  memcpy(b + h, mk, 4);
  h += 4;
  for (size_t i = 0; i < n; i++) b[h + i] = ((const uint8_t *)d)[i] ^ mk[i & 3];
  if (send(c->fd, b, h + n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)(h + n)) show_error("short or failed control write", NULL, 0);
}

static void pusher_subscribe(struct conn *c) {
  char chan[512], b[2048], auth[256] = "", data[256] = "";
  struct tctx x = {.i = c->idx, .c = c->chan};
  expand(chan, sizeof chan, C.chan_tpl, &x);
  bool presence = !strncmp(chan, "presence-", 9);
  if ((presence || !strncmp(chan, "private-", 8)) && C.psh_secret) {
    char s[1024], cd[128] = "", hx[65];
    uint8_t mac[32];
    if (presence) {
      snprintf(cd, sizeof cd, "{\"user_id\":\"u%u\"}", c->idx);
      snprintf(data, sizeof data, ",\"channel_data\":\"{\\\"user_id\\\":\\\"u%u\\\"}\"", c->idx);
    }
    int n = snprintf(s, sizeof s, "%s:%s%s%s", c->capt ? c->capt : "", chan, presence ? ":" : "", cd);
    hmac256(C.psh_secret, s, (size_t)n, mac);
    hex(mac, 32, hx);
    snprintf(auth, sizeof auth, ",\"auth\":\"%s:%s\"", C.psh_key, hx);
  }
  int n = snprintf(b, sizeof b, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%s\"%s%s}}", chan, auth, data);
  ws_send(c, 1, b, (size_t)n);
}

/* Send the steps that need nothing more to arrive; become ready after the last. */
static void script_run(struct thr *t, struct conn *c, const uint8_t *m, size_t n) {
  if (C.mode == M_PUSHER) {
    if (!m) return;
    if (c->step == 0 && memmem(m, n, "pusher:connection_established", 29)) {
      const uint8_t *p = memmem(m, n, "socket_id", 9);
      if (p) { /* data is a JSON string inside JSON: skip quotes and backslashes */
        char id[64];
        size_t k = 0;
        for (p += 9; p < m + n && !isdigit(*p); p++) {}
        while (p < m + n && (isdigit(*p) || *p == '.') && k < sizeof id - 1) id[k++] = (char)*p++;
        id[k] = 0;
        free(c->capt);
        c->capt = strdup(id);
      }
      c->step = 1;
      pusher_subscribe(c);
    } else if (c->step == 1 && memmem(m, n, "pusher_internal:subscription_succeeded", 38))
      conn_ready(t, c);
    else if (memmem(m, n, "pusher:error", 12) || memmem(m, n, "subscription_error", 18)) {
      show_error("pusher error", m, n);
      conn_close(t, c, "pusher subscribe refused");
    }
    return;
  }
  if (m && C.capture && !c->capt) {
    const uint8_t *p = memmem(m, n, C.capture, strlen(C.capture));
    if (p) {
      char v[256];
      size_t k = 0;
      for (p += strlen(C.capture); p < m + n && *p != '"' && *p != '\\' && k < sizeof v - 1;) v[k++] = (char)*p++;
      v[k] = 0;
      c->capt = strdup(v);
    }
  }
  while (c->step < C.nstep) {
    const char *w = C.step[c->step].match;
    if (*w && !(m && memmem(m, n, w, strlen(w)))) return;
    struct tctx x = {.i = c->idx, .c = c->chan, .cap = c->capt};
    size_t k = expand(t->tpl, TPL_MAX, C.step[c->step].send, &x);
    c->step++;
    if (k) ws_send(c, 1, t->tpl, k);
    if (*w) m = NULL; /* one step per message */
  }
  if (!C.ready || (m && (memmem(m, n, C.ready, strlen(C.ready)) || (t->evn && memmem(t->ev, t->evn, C.ready, strlen(C.ready)))))) conn_ready(t, c);
}

static inline uint64_t dec(const uint8_t *p, int n, bool *ok) {
  uint64_t v = 0;
  for (int i = 0; i < n; i++) {
    unsigned d = p[i] - (unsigned)'0';
    if (d > 9) *ok = false;
    v = v * 10 + d;
  }
  return v;
}

/* The accounting of one received mark. */
static inline void on_mark(struct thr *t, struct conn *c, uint32_t run, uint32_t chan, uint32_t seq, uint64_t ts) {
  struct stats *s = &t->st;
  if (run != (g_run & 0xffff)) {
    s->stale++;
    return;
  }
  if (chan != c->chan) {
    s->misrouted++;
    return;
  }
  if (seq <= g_phase_base[chan]) { /* of an earlier phase, after its drain time */
    s->late++;
    if (seq >= c->next_seq) c->next_seq = seq + 1, c->seen = 1;
    return;
  }
  if (seq >= c->next_seq) {
    uint32_t gap = seq - c->next_seq;
    uint32_t base = g_phase_base[chan] + 1;
    if (gap && c->next_seq < base) gap = seq - base; /* gaps of earlier phases were counted there */
    s->gaps += gap;
    uint32_t sh = seq - c->next_seq + 1;
    c->seen = sh >= 64 ? 1 : (c->seen << sh) | 1;
    c->next_seq = seq + 1;
  } else {
    uint32_t d = c->next_seq - 1 - seq;
    if (d >= 64 || (c->seen >> d & 1)) {
      s->dup++;
      return;
    }
    c->seen |= 1ull << d;
    s->ooo++;
  }
  s->deliveries++;
  t->unflushed++;
  hist_add(&s->lat, t->now > ts ? t->now - ts : 0);
}

/* A complete message (WS message or SSE event data). */
static void on_message(struct thr *t, struct conn *c, const uint8_t *m, size_t n) {
  const uint8_t *p = m, *e = m + n;
  bool any = false;
  while ((size_t)(e - p) >= MARK_LEN && (p = memchr(p, '~', (size_t)(e - p) - MARK_LEN + 1))) {
    if (p[5] != '.' || p[11] != '.' || p[22] != '.' || p[42] != '~') {
      p++;
      continue;
    }
    bool ok = true;
    uint32_t run = 0;
    for (int i = 1; i < 5; i++) {
      unsigned x = p[i];
      run = run << 4 | (isdigit(x) ? x - '0' : (x | 32) - 'a' + 10);
    }
    uint32_t ch = (uint32_t)dec(p + 6, 5, &ok), seq = (uint32_t)dec(p + 12, 10, &ok);
    uint64_t ts = dec(p + 23, 19, &ok);
    if (!ok) {
      p++;
      continue;
    }
    any = true;
    p += MARK_LEN;
    if (C.check_pad && ch == c->chan && seq > g_phase_base[ch]) { /* the payload must have come whole and unchanged */
      if ((size_t)(e - p) < g_padlen || memcmp(p, g_pad, g_padlen)) t->st.corrupt++;
      else p += g_padlen;
    }
    if (c->state == S_READY) on_mark(t, c, run, ch, seq, ts);
    else t->st.stale++; /* history sent before we are ready */
    if (p >= e) break;
  }
  if (any) return;
  t->st.other_msgs++;
  for (int i = 0; i < C.nreply; i++)
    if (n == strlen(C.reply[i].match) && !memcmp(m, C.reply[i].match, n)) {
      ws_send(c, 1, C.reply[i].send, strlen(C.reply[i].send));
      return;
    }
  if (C.mode == M_PUSHER && memmem(m, n, "\"pusher:ping\"", 13)) {
    static const char pong[] = "{\"event\":\"pusher:pong\",\"data\":{}}";
    ws_send(c, 1, pong, sizeof pong - 1);
    return;
  }
  if (c->state == S_SCRIPT) script_run(t, c, m, n);
}

/* WebSocket: consume whole frames, return bytes used; *need = size of the frame begun, if known. */
static size_t ws_consume(struct thr *t, struct conn *c, uint8_t *p, size_t n) {
  size_t o = 0;
  while (n - o >= 2 && c->state != S_CLOSED) {
    uint8_t b0 = p[o], b1 = p[o + 1];
    int op = b0 & 15;
    bool fin = b0 & 0x80;
    uint64_t len = b1 & 0x7f;
    size_t h = 2;
    if ((b0 & 0x70) || (b1 & 0x80) || (op > 2 && op < 8) || op > 10 || (op >= 8 && (!fin || len > 125))) {
      t->st.proto_err++;
      conn_close(t, c, "WebSocket protocol error");
      return n;
    }
    if (len == 126) {
      if (n - o < 4) break;
      len = (uint64_t)p[o + 2] << 8 | p[o + 3], h = 4;
    } else if (len == 127) {
      if (n - o < 10) break;
      len = 0;
      for (int i = 0; i < 8; i++) len = len << 8 | p[o + 2 + (size_t)i];
      h = 10;
    }
    if (n - o < h + len) break;
    uint8_t *d = p + o + h;
    o += h + len;
    if (op == 9) {
      t->st.pings++;
      ws_send(c, 10, d, len);
    } else if (op == 8) {
      ws_send(c, 8, d, len < 2 ? 0 : 2);
      conn_close(t, c, "server sent a close frame");
      return n;
    } else if (op == 10) {
    } else if (op == 0) {
      if (!c->msg_active) {
        t->st.proto_err++;
        continue;
      }
      buf_put(&c->msg, &c->mlen, &c->mcap, d, len);
      if (fin) {
        c->msg_active = false;
        on_message(t, c, c->msg, c->mlen);
        c->mlen = 0;
      }
    } else {
      if (c->msg_active) t->st.proto_err++;
      if (fin) on_message(t, c, d, len);
      else {
        t->st.fragments++;
        c->msg_active = true;
        c->mlen = 0;
        buf_put(&c->msg, &c->mlen, &c->mcap, d, len);
      }
    }
  }
  return o;
}

/* SSE: decoded body bytes. Dispatch complete events; keep the rest. */
static void sse_feed(struct thr *t, struct conn *c, const uint8_t *p, size_t n) {
  bool own = c->mlen > 0;
  if (own) {
    buf_put(&c->msg, &c->mlen, &c->mcap, p, n);
    p = c->msg, n = c->mlen;
  }
  const uint8_t *e = p + n, *ev = p, *l = p; /* ev: start of the current event, l: of the current line */
  const uint8_t *d1 = NULL;                  /* the single data line so far */
  size_t d1n = 0, jn = 0;
  int nd = 0;
  t->evn = 0;
  while (l < e && c->state != S_CLOSED) {
    const uint8_t *q = l;
    /* line ends: \n, \r\n or a lone \r */
    const uint8_t *nl = memchr(l, '\n', (size_t)(e - l));
    const uint8_t *cr = memchr(l, '\r', nl ? (size_t)(nl - l) : (size_t)(e - l));
    const uint8_t *next;
    if (cr) {
      if (cr + 1 == e) break; /* may be \r\n */
      q = cr;
      next = cr[1] == '\n' ? cr + 2 : cr + 1;
    } else if (nl) {
      q = nl;
      next = nl + 1;
    } else
      break;
    size_t k = (size_t)(q - l);
    if (k == 0) { /* blank line: dispatch */
      if (nd == 1) on_message(t, c, d1, d1n);
      else if (nd > 1) on_message(t, c, t->joinbuf, jn - 1);
      nd = 0, jn = 0;
      t->evn = 0;
      ev = next;
    } else if (*l == ':') {
      t->st.comments++;
      if (nd == 0 && !t->evn) ev = next;
    } else if (c->state == S_SCRIPT && k > 6 && !memcmp(l, "event:", 6)) {
      t->ev = l + 6;
      t->evn = k - 6;
    } else if (k >= 4 && !memcmp(l, "data", 4) && (k == 4 || l[4] == ':')) {
      const uint8_t *v = l + 4;
      if (v < q) v++;
      if (v < q && *v == ' ') v++;
      size_t vn = (size_t)(q - v);
      if (nd == 0) d1 = v, d1n = vn;
      else { /* several data lines are joined with \n */
        size_t want = jn + d1n + vn + 4;
        if (want > t->joincap) {
          t->joincap = want * 2;
          t->joinbuf = realloc(t->joinbuf, t->joincap);
        }
        if (nd == 1) memcpy(t->joinbuf, d1, d1n), jn = d1n, t->joinbuf[jn++] = '\n';
        memcpy(t->joinbuf + jn, v, vn);
        jn += vn;
        t->joinbuf[jn++] = '\n';
      }
      nd++;
    } /* id:, retry: carry no mark, nor does event: */
    l = next;
  }
  size_t left = (size_t)(e - ev);
  if (left) {
    t->st.partials++;
    if (own) memmove(c->msg, ev, left), c->mlen = (uint32_t)left;
    else c->mlen = 0, buf_put(&c->msg, &c->mlen, &c->mcap, ev, left);
  } else
    c->mlen = 0;
}

/* HTTP body of an SSE response: undo chunked encoding in place, then feed. */
static void sse_body(struct thr *t, struct conn *c, uint8_t *p, size_t n) {
  if (!c->chunked) {
    sse_feed(t, c, p, n);
    return;
  }
  uint8_t *w = p;
  size_t i = 0;
  while (i < n) {
    switch (c->ck) {
    case 0: { /* size line */
      uint8_t ch = p[i++];
      if (isxdigit(ch)) c->ck_left = c->ck_left << 4 | (uint64_t)(isdigit(ch) ? ch - '0' : (ch | 32) - 'a' + 10);
      else if (ch == '\n') c->ck = c->ck_left ? 2 : 4;
      else c->ck = 1; /* extension or \r: skip to \n */
      break;
    }
    case 1:
      if (p[i++] == '\n') c->ck = c->ck_left ? 2 : 4;
      break;
    case 2: { /* data */
      size_t k = n - i < c->ck_left ? n - i : c->ck_left;
      if (w != p + i) memmove(w, p + i, k);
      w += k, i += k, c->ck_left -= k;
      if (!c->ck_left) c->ck = 3;
      break;
    }
    case 3: /* \r\n after data */
      if (p[i++] == '\n') c->ck = 0, c->ck_left = 0;
      break;
    default: /* last chunk: the stream has ended */
      if (w > p) sse_feed(t, c, p, (size_t)(w - p));
      conn_close(t, c, "server ended the event stream");
      return;
    }
  }
  if (w > p) sse_feed(t, c, p, (size_t)(w - p));
  if (c->ck == 4 && c->state != S_CLOSED) conn_close(t, c, "server ended the event stream");
}

static bool header_has(const char *h, const char *name, const char *val) {
  size_t nl = strlen(name);
  for (const char *l = strstr(h, "\r\n"); l; l = strstr(l, "\r\n")) {
    l += 2;
    if (!strncasecmp(l, name, nl) && l[nl] == ':') {
      const char *e = strstr(l, "\r\n");
      size_t n = e ? (size_t)(e - l) : strlen(l);
      char tmp[1024];
      if (n >= sizeof tmp) n = sizeof tmp - 1;
      memcpy(tmp, l, n);
      tmp[n] = 0;
      if (strcasestr(tmp + nl + 1, val)) return true;
    }
  }
  return false;
}

static void on_head(struct thr *t, struct conn *c) {
  uint8_t *e = memmem(c->buf, c->len, "\r\n\r\n", 4);
  if (!e) {
    if (c->len > 65536) conn_close(t, c, "response header too long");
    return;
  }
  size_t hl = (size_t)(e - c->buf) + 4, rest = c->len - hl;
  e[2] = 0; /* keep the last \r\n of the header lines */
  const char *h = (char *)c->buf;
  int status = c->len > 12 ? atoi(h + 9) : 0;
  if (C.mode == M_SSE) {
    if (status != 200 || !header_has(h, "content-type", "text/event-stream")) {
      e[2] = '\r';
      conn_close(t, c, "SSE request refused");
      return;
    }
    c->chunked = header_has(h, "transfer-encoding", "chunked");
  } else if (status != 101 || !header_has(h, "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") || header_has(h, "sec-websocket-extensions", "permessage")) {
    e[2] = '\r';
    conn_close(t, c, "WebSocket handshake refused");
    return;
  }
  uint8_t *body = NULL;
  if (rest) body = malloc(rest), memcpy(body, c->buf + hl, rest);
  c->len = 0;
  c->state = S_SCRIPT;
  script_run(t, c, NULL, 0);
  if (rest && c->state != S_CLOSED) {
    if (C.mode == M_SSE) sse_body(t, c, body, rest);
    else {
      size_t u = ws_consume(t, c, body, rest);
      if (u < rest && c->state != S_CLOSED) buf_put(&c->buf, &c->len, &c->cap, body + u, rest - u);
    }
  }
  free(body);
}

static void on_readable(struct thr *t, struct conn *c) {
  ssize_t r;
  /* A WS connection with a partial frame reads behind it; all others into the shared buffer. */
  if (c->state == S_HEAD || (C.mode != M_SSE && c->len)) {
    uint32_t want = c->len + 16384;
    if (c->state != S_HEAD && c->len >= 10 && (c->buf[1] & 127) == 127) { /* a big frame: room for it at once */
      uint64_t l = 0;
      for (int i = 0; i < 8; i++) l = l << 8 | c->buf[2 + i];
      if (l < (64u << 20) && l + 10 > want) want = (uint32_t)l + 10;
    }
    if (c->cap < want) {
      c->buf = realloc(c->buf, want);
      c->cap = want;
    }
    r = read(c->fd, c->buf + c->len, c->cap - c->len);
  } else
    r = read(c->fd, t->rb, RBUF);
  if (r <= 0) {
    if (r < 0 && (errno == EAGAIN || errno == EINTR)) return;
    conn_close(t, c, r == 0 ? "server closed the connection" : strerror(errno));
    return;
  }
  t->now = now_ns();
  t->st.reads++;
  t->st.bytes += (uint64_t)r;
  if (c->state == S_HEAD) {
    c->len += (uint32_t)r;
    on_head(t, c);
  } else if (C.mode == M_SSE)
    sse_body(t, c, t->rb, (size_t)r);
  else if (c->len) {
    c->len += (uint32_t)r;
    size_t u = ws_consume(t, c, c->buf, c->len);
    if (c->state == S_CLOSED) return;
    memmove(c->buf, c->buf + u, c->len - u);
    c->len -= (uint32_t)u;
  } else {
    size_t u = ws_consume(t, c, t->rb, (size_t)r);
    if (u < (size_t)r && c->state != S_CLOSED) {
      t->st.partials++;
      buf_put(&c->buf, &c->len, &c->cap, t->rb + u, (size_t)r - u);
    }
  }
  if (c->state >= S_READY && c->len == 0 && c->mlen == 0 && c->cap + c->mcap > 0) { /* keep idle connections small */
    free(c->buf), free(c->msg);
    c->buf = c->msg = NULL;
    c->cap = c->mcap = 0;
  }
}

static void send_request(struct thr *t, struct conn *c) {
  struct tctx x = {.i = c->idx, .c = c->chan};
  char *b = t->tpl;
  size_t o = (size_t)sprintf(b, "GET ");
  o += expand(b + o, TPL_MAX - o, C.path, &x);
  o += (size_t)sprintf(b + o, " HTTP/1.1\r\nHost: %s\r\n", C.hostport);
  if (C.mode == M_SSE) o += (size_t)sprintf(b + o, "Accept: text/event-stream\r\nCache-Control: no-cache\r\n");
  else
    o += (size_t)sprintf(b + o, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  for (int i = 0; i < C.nhdr; i++) {
    o += expand(b + o, TPL_MAX - o, C.hdr[i], &x);
    o += (size_t)sprintf(b + o, "\r\n");
  }
  o += (size_t)sprintf(b + o, "\r\n");
  if (send(c->fd, b, o, MSG_NOSIGNAL) != (ssize_t)o) conn_close(t, c, "cannot send the request");
}

static void start_conn(struct thr *t, struct conn *c) {
  int one = 1;
  c->t0 = now_ns();
  c->state = S_CONNECTING;
  t->inflight++;
  t->started++;
  atomic_fetch_add(&g_started, 1);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket: %s (raise ulimit -n)", strerror(errno));
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (C.rcvbuf) setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &C.rcvbuf, sizeof C.rcvbuf);
  if (C.src_count > 0) { /* several source addresses: more than 28 000 ports */
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(C.src_base + c->idx % (uint32_t)C.src_count)};
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(c->fd, (struct sockaddr *)&a, sizeof a)) die("bind source address: %s", strerror(errno));
  }
  struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};
  epoll_ctl(t->ep, EPOLL_CTL_ADD, c->fd, &ev);
  if (connect(c->fd, (struct sockaddr *)&C.target, sizeof C.target) && errno != EINPROGRESS) conn_close(t, c, strerror(errno));
}

static void flush_delivered(struct thr *t) {
  if (!t->unflushed) return;
  if (!t->st.first_ns) t->st.first_ns = t->now;
  t->st.last_ns = t->now;
  atomic_fetch_add(&g_delivered, t->unflushed);
  t->unflushed = 0;
  if (atomic_load(&g_waiters)) {
    pthread_mutex_lock(&g_mu);
    pthread_cond_broadcast(&g_cv);
    pthread_mutex_unlock(&g_mu);
  }
}

static void *receiver(void *arg) {
  struct thr *t = arg;
  struct epoll_event ev[EVENTS];
  prctl(PR_SET_TIMERSLACK, 1);
  t->t_connect0 = now_ns();
  double rate = C.conn_rate / C.threads;
  uint32_t maxfl = C.conn_inflight / (uint32_t)C.threads;
  if (!maxfl) maxfl = 1;
  while (!atomic_load(&g_stop)) {
    int to = 200;
    if (t->started < t->n) {
      double allowed = rate > 0 ? 1 + (double)(now_ns() - t->t_connect0) * 1e-9 * rate : 1e18;
      while (t->started < t->n && t->started < allowed && t->inflight < maxfl) start_conn(t, &t->conns[t->started]);
      to = 1;
    }
    bool polling = C.poll_us && atomic_load_explicit(&g_active, memory_order_relaxed);
    int n = epoll_wait(t->ep, ev, EVENTS, polling ? 0 : to);
    for (int i = 0; i < n; i++) {
      struct conn *c = ev[i].data.ptr;
      if (!c) { /* command from the main thread */
        uint64_t v;
        if (read(t->evfd, &v, 8) != 8) continue;
        flush_delivered(t);
        if (atomic_load(&t->cmd) == 1) {
          uint64_t cpu = thread_cpu_ns();
          t->snap = t->st;
          t->snap_cpu = cpu - t->cpu;
          t->cpu = cpu;
          memset(&t->st, 0, sizeof t->st);
          pthread_mutex_lock(&g_mu);
          atomic_store(&t->cmd, 0);
          pthread_cond_broadcast(&g_cv);
          pthread_mutex_unlock(&g_mu);
        }
        continue;
      }
      if (c->state == S_CLOSED) continue;
      if (c->state == S_CONNECTING) {
        int err = 0;
        socklen_t l = sizeof err;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err) {
          conn_close(t, c, strerror(err));
          continue;
        }
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(t->ep, EPOLL_CTL_MOD, c->fd, &e);
        c->state = S_HEAD;
        send_request(t, c);
        continue;
      }
      if (c->state == S_STALLED) {
        if (ev[i].events & (EPOLLHUP | EPOLLERR)) conn_close(t, c, "stalled subscriber was cut off");
        continue;
      }
      on_readable(t, c);
    }
    flush_delivered(t);
    /* Sleep here and not in epoll_wait: then no write() of the server has to wake this thread. */
    if (polling && n < EVENTS) clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, (long)C.poll_us * 1000}, NULL);
  }
  return NULL;
}

/* Take each receiver's counters and set them to zero. */
static void snapshot_all(struct stats *sum, uint64_t *cpu_max) {
  for (int i = 0; i < C.threads; i++) {
    uint64_t one = 1;
    atomic_store(&T[i].cmd, 1);
    if (write(T[i].evfd, &one, 8) != 8) die("eventfd");
  }
  memset(sum, 0, sizeof *sum);
  *cpu_max = 0;
  for (int i = 0; i < C.threads; i++) {
    pthread_mutex_lock(&g_mu);
    while (atomic_load(&T[i].cmd)) pthread_cond_wait(&g_cv, &g_mu);
    pthread_mutex_unlock(&g_mu);
    struct stats *s = &T[i].snap;
#define A(f) sum->f += s->f
    A(deliveries), A(dup), A(ooo), A(gaps), A(late), A(stale), A(misrouted), A(corrupt), A(proto_err);
    A(other_msgs), A(comments), A(pings), A(reads), A(bytes), A(fragments), A(partials);
#undef A
    if (s->first_ns && (!sum->first_ns || s->first_ns < sum->first_ns)) sum->first_ns = s->first_ns;
    if (s->last_ns > sum->last_ns) sum->last_ns = s->last_ns;
    hist_merge(&sum->lat, &s->lat);
    if (T[i].snap_cpu > *cpu_max) *cpu_max = T[i].snap_cpu;
  }
}

/* ------------------------------------------------------------------ */
/* Publishers                                                           */
/* ------------------------------------------------------------------ */
struct pub {
  pthread_t th;
  int id, fd;
  const struct phase *ph;
  uint64_t t0, tend;
  uint64_t sent, errs, rng, stalls, cpu;
  char *body, *req;
  char *out, *in; /* pipelined publishing: requests not yet sent, bytes of answers not yet parsed */
  size_t out_cap, out_len, out_off, in_len;
  struct hist rtt, lag;
};
static struct pub P[MAX_PUB];

static int pub_connect(struct pub *p) {
  int one = 1;
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval tv = {10, 0};
  setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(p->fd, (struct sockaddr *)&C.pub_target, sizeof C.pub_target)) {
    close(p->fd);
    p->fd = -1;
    return -1;
  }
  return 0;
}

/* Before a phase: a server may have closed the idle connection, which must not count as a failed publish. */
static void pub_refresh(struct pub *p) {
  char b;
  if (p->fd >= 0) {
    ssize_t r = recv(p->fd, &b, 1, MSG_PEEK | MSG_DONTWAIT);
    if (r >= 0 || errno != EAGAIN) close(p->fd), p->fd = -1; /* closed, or an answer nobody asked for */
  }
  if (p->fd < 0) pub_connect(p);
}

/* Read one HTTP response; returns the status, or -1. */
static int pub_response(struct pub *p) {
  char b[65536];
  size_t n = 0;
  char *e;
  do {
    if (n >= sizeof b - 1) return -1;
    ssize_t r = recv(p->fd, b + n, sizeof b - 1 - n, 0);
    if (r <= 0) return -1;
    n += (size_t)r;
    b[n] = 0;
  } while (!(e = strstr(b, "\r\n\r\n")));
  int status = atoi(b + 9);
  size_t have = n - (size_t)(e + 4 - b);
  e[2] = 0;
  bool close_it = header_has(b, "connection", "close"), chunked = header_has(b, "transfer-encoding", "chunked");
  long cl = 0;
  char *q = strcasestr(b, "\r\ncontent-length:");
  if (q) cl = atol(q + 17);
  if (status != 204 && status != 304) {
    if (chunked) { /* small bodies: read until the last chunk */
      char *s = e + 4;
      s[have] = 0;
      while (!(have >= 5 && (!strncmp(s, "0\r\n\r\n", 5) || memmem(s, have, "\r\n0\r\n\r\n", 7)))) {
        if ((size_t)(s - b) + have >= sizeof b - 1) return -1;
        ssize_t r = recv(p->fd, s + have, sizeof b - 1 - (size_t)(s - b) - have, 0);
        if (r <= 0) return -1;
        have += (size_t)r;
      }
    } else
      while ((long)have < cl) {
        char tmp[16384];
        ssize_t r = recv(p->fd, tmp, sizeof tmp, 0);
        if (r <= 0) return -1;
        have += (size_t)r;
      }
  }
  if (status >= 300) show_error("publish refused", (uint8_t *)b, strlen(b)), show_error("body", (uint8_t *)e + 4, n - (size_t)(e + 4 - b));
  if (close_it) close(p->fd), p->fd = -1;
  return status;
}

/* The whole request for one publish, in p->req; returns its length. */
static size_t build_request(struct pub *p, uint32_t ch, uint64_t ts, uint32_t seq) {
  struct tctx x = {.i = 0, .c = ch, .seq = seq, .ts = ts};
  char path[4096];
  size_t bl = expand(p->body, TPL_MAX, C.pub_body, &x);
  size_t pl = expand(path, sizeof path - 512, C.pub_path, &x);
  if (C.psh_key && C.mode != -1 && strstr(C.pub_path, "/apps/")) { /* Pusher HTTP API signature */
    uint8_t d[32];
    char m[33], s[2048], hx[65], q[512];
    md5(p->body, bl, d);
    hex(d, 16, m);
    snprintf(q, sizeof q, "auth_key=%s&auth_timestamp=%ld&auth_version=1.0&body_md5=%s", C.psh_key, (long)time(NULL), m);
    int n = snprintf(s, sizeof s, "%s\n%s\n%s", C.pub_method, path, q);
    hmac256(C.psh_secret, s, (size_t)n, d);
    hex(d, 32, hx);
    pl += (size_t)sprintf(path + pl, "?%s&auth_signature=%s", q, hx);
  }
  size_t o = (size_t)sprintf(p->req, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n", C.pub_method, path, C.pub_hostport, bl);
  for (int i = 0; i < C.npub_hdr; i++) {
    o += expand(p->req + o, TPL_MAX - o, C.pub_hdr[i], &x);
    o += (size_t)sprintf(p->req + o, "\r\n");
  }
  o += (size_t)sprintf(p->req + o, "\r\n");
  memcpy(p->req + o, p->body, bl);
  o += bl;
  return o;
}

static bool publish(struct pub *p, uint32_t ch, uint64_t ts, uint32_t seq) {
  size_t o = build_request(p, ch, ts, seq);
  uint64_t a = now_ns();
  if (p->fd < 0 && pub_connect(p)) return false;
  for (size_t w = 0; w < o;) {
    ssize_t r = send(p->fd, p->req + w, o - w, MSG_NOSIGNAL);
    if (r <= 0) {
      close(p->fd), p->fd = -1;
      return false;
    }
    w += (size_t)r;
  }
  int s = pub_response(p);
  hist_add(&p->rtt, now_ns() - a);
  if (s < 0 && p->fd >= 0) close(p->fd), p->fd = -1;
  return s >= 200 && s < 300;
}

/* Closed loop: wait until few enough publishes are still on their way. */
static void wait_window(struct pub *p, uint64_t max_out) {
  uint64_t last = atomic_load(&g_delivered), tl = now_ns();
  for (;;) {
    uint64_t del = atomic_load(&g_delivered) + atomic_load(&g_writeoff);
    uint64_t exp = atomic_load(&g_expected);
    if (exp <= del + max_out || now_ns() >= p->tend) return;
    atomic_fetch_add(&g_waiters, 1);
    pthread_mutex_lock(&g_mu);
    del = atomic_load(&g_delivered) + atomic_load(&g_writeoff);
    if (atomic_load(&g_expected) > del + max_out) {
      struct timespec ts;
      clock_gettime(CLOCK_MONOTONIC, &ts);
      ts.tv_nsec += 50000000;
      if (ts.tv_nsec >= 1000000000) ts.tv_nsec -= 1000000000, ts.tv_sec++;
      pthread_cond_timedwait(&g_cv, &g_mu, &ts);
    }
    pthread_mutex_unlock(&g_mu);
    atomic_fetch_sub(&g_waiters, 1);
    uint64_t d = atomic_load(&g_delivered);
    if (d != last) last = d, tl = now_ns();
    else if (now_ns() - tl > 1000000000ull) { /* lost for good: go on, loss is counted at the end */
      p->stalls++;
      atomic_store(&g_writeoff, atomic_load(&g_expected) - d);
      return;
    }
  }
}

/* What a publisher does next, for one and for several requests in flight. */
struct plan {
  uint32_t np, mine, maxsub; /* mine: channels c with c % np == id */
  uint64_t n, limit;
  double step;
};
static struct plan plan_of(struct pub *p) {
  uint32_t np = (uint32_t)C.publishers, id = (uint32_t)p->id;
  struct plan l = {.np = np, .mine = C.k / np + (id < C.k % np), .maxsub = 1, .limit = UINT64_MAX};
  for (uint32_t i = 0; i < C.k; i++)
    if (g_subs[i] > l.maxsub) l.maxsub = g_subs[i];
  l.step = p->ph->rate > 0 ? 1e9 * np / p->ph->rate : 0;
  if (p->ph->messages) l.limit = p->ph->messages / np + (id < p->ph->messages % np);
  if (!l.mine) l.limit = 0;
  return l;
}
static uint64_t sched_of(const struct pub *p, const struct plan *l) {
  return p->t0 + (uint64_t)(l->step * ((double)l->n + (double)p->id / l->np));
}
static uint32_t next_channel(struct pub *p, const struct plan *l) {
  p->rng ^= p->rng << 13, p->rng ^= p->rng >> 7, p->rng ^= p->rng << 17;
  return (uint32_t)p->id + l->np * (uint32_t)((C.pick_rr ? l->n : p->rng >> 11) % l->mine);
}

/* One request at a time: each waits for its answer. */
static void publish_serial(struct pub *p) {
  struct plan l = plan_of(p);
  for (; l.n < l.limit; l.n++) {
    uint64_t sched = 0;
    if (l.step > 0) {
      sched = sched_of(p, &l);
      if (sched >= p->tend) break;
      if (now_ns() < sched) sleep_until(sched);
      if (now_ns() >= p->tend + 1000000000ull) break; /* hopelessly behind */
    } else {
      if (p->ph->window) wait_window(p, (uint64_t)(p->ph->window - 1) * l.maxsub);
      if (now_ns() >= p->tend) break;
    }
    uint32_t ch = next_channel(p, &l);
    uint32_t seq = ++g_seq[ch], subs = g_subs[ch];
    atomic_fetch_add(&g_expected, subs);
    uint64_t t = now_ns();
    if (sched) hist_add(&p->lag, t > sched ? t - sched : 0);
    p->sent++;
    if (!publish(p, ch, sched && C.ts_sched ? sched : t, seq)) {
      p->errs++;
      atomic_fetch_sub(&g_expected, subs);
      if (p->errs > 1000 && p->errs == p->sent) break;
    }
  }
}

/* A complete HTTP response at b: its length, or 0 if more must come, or -1 if it is not HTTP. */
static long parse_response(char *b, size_t n, int *status, bool *closes) {
  char *e = memmem(b, n, "\r\n\r\n", 4);
  if (!e) return n > 65536 ? -1 : 0;
  if (strncmp(b, "HTTP/1.", 7)) return -1;
  size_t hl = (size_t)(e - b) + 4, left = n - hl;
  e[2] = 0;
  *status = atoi(b + 9);
  *closes = header_has(b, "connection", "close");
  bool chunked = header_has(b, "transfer-encoding", "chunked");
  char *q = strcasestr(b, "\r\ncontent-length:");
  long cl = q ? atol(q + 17) : 0;
  if (*status >= 300) show_error("publish refused", (uint8_t *)b, strlen(b));
  e[2] = '\r';
  if (*status == 204 || *status == 304) return (long)hl;
  if (chunked) { /* walk the chunks */
    char *s = b + hl, *end = b + n;
    for (;;) {
      char *nl = memchr(s, '\n', (size_t)(end - s));
      if (!nl) return 0;
      size_t sz = strtoul(s, NULL, 16);
      s = nl + 1;
      if ((size_t)(end - s) < sz + 2) return 0;
      s += sz + 2;
      if (!sz) return s - b;
    }
  }
  return cl < 0 ? -1 : left >= (size_t)cl ? (long)hl + cl : 0;
}

/* Up to `depth` requests on the connection before their answers (HTTP pipelining). */
struct pend {
  uint32_t ch, seq, subs;
  uint64_t t, ts;
};
static void pipe_put(struct pub *p, const struct pend *q) {
  size_t o = build_request(p, q->ch, q->ts, q->seq);
  if (p->out_off == p->out_len) p->out_off = p->out_len = 0;
  if (p->out_len + o > p->out_cap) {
    p->out = realloc(p->out, p->out_cap = (p->out_len + o) * 2);
    if (!p->out) die("out of memory");
  }
  memcpy(p->out + p->out_len, p->req, o);
  p->out_len += o;
}
static void publish_pipelined(struct pub *p) {
  static const size_t IN = 262144;
  struct plan l = plan_of(p);
  struct pend ring[MAX_DEPTH];
  uint32_t depth = p->ph->depth, head = 0, pending = 0;
  uint64_t giveup = p->tend + 10000000000ull, last = atomic_load(&g_delivered), tl = now_ns();
  bool done = false;
  if (!p->in) p->in = malloc(IN);
  p->out_len = p->out_off = p->in_len = 0;
  while (!done || pending) {
    bool progress = false;
    uint64_t t = now_ns(), sched = 0, wake = t + 200000;
    while (!done && pending < depth) { /* what may be published now */
      t = now_ns();
      if (l.n >= l.limit || t >= p->tend) {
        done = true;
        break;
      }
      if (l.step > 0) {
        sched = sched_of(p, &l);
        if (sched >= p->tend) {
          done = true;
          break;
        }
        if (t < sched) {
          if (sched < wake) wake = sched;
          break;
        }
        hist_add(&p->lag, t - sched);
      } else if (p->ph->window) {
        uint64_t d = atomic_load(&g_delivered);
        if (atomic_load(&g_expected) > d + atomic_load(&g_writeoff) + (uint64_t)(p->ph->window - 1) * l.maxsub) {
          if (d != last) last = d, tl = t;
          else if (t - tl > 1000000000ull) { /* lost for good: go on, loss is counted at the end */
            p->stalls++;
            atomic_store(&g_writeoff, atomic_load(&g_expected) - d);
            tl = t;
          }
          break;
        }
        tl = t;
      }
      struct pend *q = &ring[(head + pending++) % depth];
      q->ch = next_channel(p, &l);
      q->seq = ++g_seq[q->ch], q->subs = g_subs[q->ch];
      q->t = t, q->ts = l.step > 0 && C.ts_sched ? sched : t;
      atomic_fetch_add(&g_expected, q->subs);
      p->sent++, l.n++;
      pipe_put(p, q);
      progress = true;
    }
    bool broken = p->fd < 0 && pub_connect(p);
    while (!broken && p->out_off < p->out_len) {
      ssize_t r = send(p->fd, p->out + p->out_off, p->out_len - p->out_off, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (r < 0 && errno == EAGAIN) break;
      if (r <= 0) {
        p->out_off = p->out_len; /* the answers that came before are still to be read */
        break;
      }
      p->out_off += (size_t)r;
      progress = true;
    }
    ssize_t r = broken || !pending ? -1 : recv(p->fd, p->in + p->in_len, IN - p->in_len, MSG_DONTWAIT);
    bool lost = broken || (pending && (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR))), closes = false;
    if (r > 0) {
      p->in_len += (size_t)r;
      progress = true;
      size_t o = 0;
      while (pending && !closes) {
        int status = 0;
        long k = parse_response(p->in + o, p->in_len - o, &status, &closes);
        if (k < 0) lost = true;
        if (k <= 0) {
          closes = false;
          break;
        }
        o += (size_t)k;
        struct pend *q = &ring[head];
        head = (head + 1) % depth, pending--;
        hist_add(&p->rtt, now_ns() - q->t);
        if (status < 200 || status >= 300) p->errs++, atomic_fetch_sub(&g_expected, q->subs);
      }
      memmove(p->in, p->in + o, p->in_len -= o);
      if (p->in_len == IN) lost = true;
    }
    if (now_ns() > giveup) lost = done = true;
    if (lost || closes) {
      if (p->fd >= 0) close(p->fd), p->fd = -1;
      p->out_len = p->out_off = p->in_len = 0;
      /* After "Connection: close" the requests behind it were not handled: send them again. */
      for (uint32_t i = 0; closes && i < pending; i++) pipe_put(p, &ring[(head + i) % depth]);
      for (; lost && pending; pending--, head = (head + 1) % depth) p->errs++, atomic_fetch_sub(&g_expected, ring[head].subs);
      if (p->errs > 1000 && p->errs == p->sent) return;
      if (lost) sleep_ms(1);
      continue;
    }
    if (progress) continue;
    if (C.poll_us) { /* as the receivers: not to be woken by the server */
      t = now_ns() + (uint64_t)C.poll_us * 1000;
      sleep_until(wake < t ? wake : t);
    } else {
      t = now_ns();
      struct timespec ts = {0, wake > t ? (long)(wake - t) : 0};
      struct pollfd f = {p->fd, (short)(POLLIN | (p->out_off < p->out_len ? POLLOUT : 0)), 0};
      ppoll(&f, 1, &ts, NULL);
    }
  }
}

static void *publisher(void *arg) {
  struct pub *p = arg;
  prctl(PR_SET_TIMERSLACK, 1);
  uint64_t cpu0 = thread_cpu_ns();
  if (p->ph->depth > 1) publish_pipelined(p);
  else publish_serial(p);
  p->cpu = thread_cpu_ns() - cpu0;
  return NULL;
}

/* ------------------------------------------------------------------ */
/* Main                                                                 */
/* ------------------------------------------------------------------ */
static void parse_addr(const char *s, struct sockaddr_in *a, char *hp, size_t n) {
  char h[64];
  const char *c = strrchr(s, ':');
  if (!c || (size_t)(c - s) >= sizeof h) die("address must be A.B.C.D:PORT: %s", s);
  memcpy(h, s, (size_t)(c - s));
  h[c - s] = 0;
  memset(a, 0, sizeof *a);
  a->sin_family = AF_INET;
  a->sin_port = htons((uint16_t)atoi(c + 1));
  if (inet_pton(AF_INET, h, &a->sin_addr) != 1) die("not an IPv4 address: %s", h);
  if ((ntohl(a->sin_addr.s_addr) >> 24) != 127) die("only 127.0.0.0/8 may be loaded: %s", h);
  snprintf(hp, n, "%s", s);
}
static struct step parse_step(char *s) {
  char *m = strstr(s, "=>");
  if (!m) die("a step is 'MATCH=>SEND': %s", s);
  *m = 0;
  return (struct step){s, m + 2};
}
/* "rate=50,secs=2" or "rate=50 secs=2"; NULL or what is wrong with it. */
static const char *read_phase(char *s, struct phase *p) {
  static char err[128];
  bool secs = false;
  *p = (struct phase){.secs = 5, .window = 8, .depth = 1};
  for (char *t = strtok(s, ", \t\r\n"); t; t = strtok(NULL, ", \t\r\n")) {
    char *v = strchr(t, '='), *e = NULL;
    double x = v ? strtod(v + 1, &e) : 0;
    bool num = v && e != v + 1 && !*e && x >= 0 && x < 1e12;
    size_t k = v ? (size_t)(v - t) + 1 : 0;
#define KEY(m) (v && k == sizeof(m) - 1 && !strncmp(t, m, k))
    if (!strcmp(t, "warm")) p->warm = true;
    else if (KEY("name=")) {
      if (strpbrk(v, "\"\\")) return "no quotes in a name";
      snprintf(p->name, sizeof p->name, "%s", v + 1);
    } else if (!num) {
      snprintf(err, sizeof err, "unknown word: %.60s", t);
      return err;
    } else if (KEY("rate=")) p->rate = x;
    else if (KEY("secs=")) p->secs = x, secs = true;
    else if (KEY("window=")) p->window = (uint32_t)x;
    else if (KEY("pipeline=")) p->depth = (uint32_t)x;
    else if (KEY("inflight=")) p->window = p->depth = (uint32_t)x;
    else if (KEY("messages=")) p->messages = (uint64_t)x;
    else if (KEY("payload=")) p->payload = (uint32_t)x;
    else {
      snprintf(err, sizeof err, "unknown word: %.60s", t);
      return err;
    }
#undef KEY
  }
  if (!secs && p->messages) p->secs = 20; /* a bound, not a length */
  if (p->depth < 1 || p->depth > MAX_DEPTH) return "pipeline and inflight: 1..4096";
  if (p->secs > 3600) return "secs: at most 3600";
  if (!p->payload) p->payload = C.payload;
  if (p->payload < MARK_LEN || p->payload > MAX_PAYLOAD) return "the payload is 43 to 1048576 bytes";
  if (!p->name[0]) strcpy(p->name, p->warm ? "warm" : p->rate > 0 ? "fixed" : "flat");
  return NULL;
}
static void parse_pids(char *s) {
  for (char *t = strtok(s, ", \n"); t; t = strtok(NULL, ", \n")) {
    if (*t == '@') {
      FILE *f = fopen(t + 1, "r");
      int v;
      if (!f) die("no pid file %s", t + 1);
      while (fscanf(f, "%d", &v) == 1 && C.npid < MAX_PIDS) C.pids[C.npid++] = v;
      fclose(f);
    } else if (C.npid < MAX_PIDS)
      C.pids[C.npid++] = atoi(t);
  }
  for (int i = 0; i < C.npid; i++)
    if (kill(C.pids[i], 0)) die("no process %d", C.pids[i]);
}

static void usage(void) {
  puts("pushload --mode ws|sse|pusher --target 127.0.0.1:PORT --path PATH -n N [options]\n"
       "subscribers: -n N  -k CHANNELS  --channel TPL  --header 'K: V'  --on 'MATCH=>SEND'  --ready MATCH\n"
       "             --reply 'EXACT=>SEND'  --capture PREFIX  --conn-rate R  --conn-inflight F  --conn-timeout S\n"
       "             --src 127.0.0.2  --src-count 4  --threads R  --stalled N  --rcvbuf B\n"
       "publishing:  --pub-target A:P  --pub-method M  --pub-path TPL  --pub-header 'K: V'  --pub-body TPL\n"
       "             --payload BYTES  --publishers P  --pick random|rr  --ts send|sched\n"
       "             --phase [warm,]rate=R,secs=S[,messages=M][,window=W|,inflight=W][,pipeline=D][,payload=B][,name=X]\n"
       "             (rate=0: closed loop; repeatable)   --slices: read such lines from standard input\n"
       "auth:        --pusher-key K --pusher-secret S   --jwt-secret S --jwt-claims TPL   ({jwt} in headers, paths, steps)\n"
       "measuring:   --poll-us N  --pid P1,P2,@PIDFILE  --settle S  --hold S  --drain S  --exec-settled CMD  --label X  --verbose\n"
       "templates:   {i} {c} {chan} {mark} {pad} {seq} {ts_ns} {run} {cap} {jwt} {rnd}");
  exit(0);
}

static void lat_json(const char *name, const struct hist *h) {
  printf(",\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"mean\":%.1f}", name, (double)hist_q(h, .5) / 1e3,
         (double)hist_q(h, .9) / 1e3, (double)hist_q(h, .99) / 1e3, (double)hist_q(h, .999) / 1e3, (double)h->max / 1e3,
         h->n ? (double)h->sum / (double)h->n / 1e3 : 0);
}

static const char *mode_name(void) { return C.mode == M_WS ? "ws" : C.mode == M_SSE ? "sse" : "pusher"; }

/* One phase or slice: publish, drain, count, print one JSON line (unless quiet). 1 if something was wrong. */
static int run_phase(const struct phase *ph, const char *head, bool quiet) {
  static struct stats st, discard;
  static uint32_t closed0; /* disconnects up to the last report */
  uint64_t rc;
  for (uint32_t i = 0; i < C.k; i++) g_phase_base[i] = g_seq[i];
  g_padlen = ph->payload - MARK_LEN; /* the receivers see both through the snapshot's hand-shake */
  for (int i = 0; i < C.publishers; i++) pub_refresh(&P[i]);
  atomic_store(&g_active, true);
  snapshot_all(&discard, &rc); /* counters to zero; wakes the receivers, which poll from here on */
  atomic_store(&g_expected, 0);
  atomic_store(&g_delivered, 0);
  atomic_store(&g_writeoff, 0);
  struct syscpu s0 = sys_cpu();
  struct usage u0 = server_usage();
  uint64_t c0 = self_cpu_ns();
  uint64_t t0 = now_ns();
  for (int i = 0; i < C.publishers; i++) {
    struct pub *p = &P[i];
    p->ph = ph;
    p->t0 = t0 + 1000000;
    p->tend = p->t0 + (uint64_t)(ph->secs * 1e9);
    p->sent = p->errs = p->stalls = 0;
    memset(&p->rtt, 0, sizeof p->rtt);
    memset(&p->lag, 0, sizeof p->lag);
    pthread_create(&p->th, NULL, publisher, p);
  }
  for (int i = 0; i < C.publishers; i++) pthread_join(P[i].th, NULL);
  uint64_t tsend = now_ns();
  /* drain: until all has come, or nothing came for --drain seconds */
  uint64_t ld = atomic_load(&g_delivered), tl = now_ns();
  while (atomic_load(&g_delivered) < atomic_load(&g_expected)) {
    sleep_ms(2);
    uint64_t d = atomic_load(&g_delivered);
    if (d != ld) ld = d, tl = now_ns();
    else if ((double)(now_ns() - tl) > C.drain * 1e9) break;
    if (now_ns() - tsend > 20000000000ull) break;
  }
  uint64_t tdrain = now_ns();
  struct usage u1 = server_usage();
  struct syscpu s1 = sys_cpu();
  uint64_t c1 = self_cpu_ns();
  snapshot_all(&st, &rc);
  /* Duplicates that trail the last delivery would be missed; give them a moment. */
  sleep_ms(100);
  uint64_t rc2;
  atomic_store(&g_active, false);
  snapshot_all(&discard, &rc2);
  st.dup += discard.dup, st.late += discard.late;

  uint64_t sent = 0, errs = 0, stalls = 0, pcpu = 0;
  static struct hist rtt, lag;
  memset(&rtt, 0, sizeof rtt);
  memset(&lag, 0, sizeof lag);
  for (int i = 0; i < C.publishers; i++) {
    sent += P[i].sent, errs += P[i].errs, stalls += P[i].stalls, pcpu += P[i].cpu;
    hist_merge(&rtt, &P[i].rtt);
    hist_merge(&lag, &P[i].lag);
  }
  uint64_t expected = atomic_load(&g_expected);
  /* the measured time: to the last delivery, but for a fixed rate no less than the phase itself */
  double wall = (double)((st.last_ns > t0 ? st.last_ns : tsend) - t0) * 1e-9;
  double planned = ph->rate > 0 ? ph->secs : 0;
  if (planned > 0 && ph->messages && (double)ph->messages / ph->rate < planned) planned = (double)ph->messages / ph->rate;
  if (wall < planned) wall = planned;
  double cpuwall = (double)(tdrain - t0) * 1e-9;
  double dn = st.deliveries ? (double)st.deliveries : 1;
  double scpu = (double)(u1.cpu_ns - u0.cpu_ns), ccpu = (double)(c1 - c0);
  double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
  double busy = (double)(s1.busy - s0.busy) * tick, tot = (double)(s1.busy - s0.busy + s1.idle - s0.idle + s1.steal - s0.steal) * tick;
  double other = busy - (scpu + ccpu) * 1e-9;
  double sysshare = (u1.utime + u1.stime - u0.utime - u0.stime) > 0
                        ? (double)(u1.stime - u0.stime) / (double)(u1.utime + u1.stime - u0.utime - u0.stime) * 100
                        : 0;
  long lost = (long)expected - (long)st.deliveries;
  if (quiet) {
    fprintf(stderr, "pushload: warm-up: %" PRIu64 " deliveries, lost %ld, %.2f us/delivery\n", st.deliveries, lost, scpu / 1e3 / dn);
    closed0 = atomic_load(&g_closed);
    return 0;
  }
  bool bound = (double)rc / (cpuwall * 1e9) > 0.90;
  printf("%s,\"phase\":\"%s\",\"payload\":%u,\"rate\":%.1f,\"window\":%u,\"pipeline\":%u,\"poll_us\":%u,\"publishers\":%d,\"wall_s\":%.3f,\"published\":%" PRIu64 ",\"publish_errors\":%" PRIu64
         ",\"publishes_per_s\":%.1f,\"deliveries\":%" PRIu64 ",\"deliveries_per_s\":%.0f,\"expected\":%" PRIu64 ",\"lost\":%ld,\"duplicated\":%" PRIu64
         ",\"out_of_order\":%" PRIu64 ",\"gaps\":%" PRIu64 ",\"late\":%" PRIu64 ",\"stale\":%" PRIu64 ",\"misrouted\":%" PRIu64 ",\"corrupt\":%" PRIu64
         ",\"proto_err\":%" PRIu64 ",\"disconnected\":%u,\"stalls\":%" PRIu64,
         head, ph->name, ph->payload, ph->rate, ph->rate > 0 ? 0 : ph->window, ph->depth, C.poll_us, C.publishers, wall, sent, errs, (double)sent / wall, st.deliveries,
         (double)st.deliveries / wall, expected, lost, st.dup, st.ooo, st.gaps, st.late, st.stale, st.misrouted, st.corrupt, st.proto_err,
         atomic_load(&g_closed) - closed0, stalls);
  printf(",\"cpu_us_per_delivery\":%.3f,\"server_cpu_pct\":%.1f,\"server_sys_share_pct\":%.0f,\"client_cpu_pct\":%.1f,\"client_recv_thread_pct\":%.1f,"
         "\"client_pub_cpu_pct\":%.1f,\"client_cpu_us_per_delivery\":%.3f,\"machine_busy_pct\":%.1f,\"machine_steal_pct\":%.1f,\"other_cpu_pct\":%.1f,"
         "\"harness_bound\":%s",
         scpu / 1e3 / dn, scpu / (cpuwall * 1e7), sysshare, ccpu / (cpuwall * 1e7), (double)rc / (cpuwall * 1e7), (double)pcpu / (cpuwall * 1e7),
         ccpu / 1e3 / dn, tot > 0 ? busy / tot * 100 : 0, tot > 0 ? (double)(s1.steal - s0.steal) * tick / tot * 100 : 0,
         other > 0 ? other / cpuwall * 100 : 0, bound ? "true" : "false");
  lat_json("latency_us", &st.lat);
  lat_json("publish_rtt_us", &rtt);
  if (ph->rate > 0) lat_json("publish_lag_us", &lag);
  printf(",\"reads\":%" PRIu64 ",\"bytes_per_delivery\":%.1f,\"other_msgs\":%" PRIu64 ",\"comments\":%" PRIu64 ",\"pings\":%" PRIu64
         ",\"fragments\":%" PRIu64 ",\"partials\":%" PRIu64 "}\n",
         st.reads, (double)st.bytes / dn, st.other_msgs, st.comments, st.pings, st.fragments, st.partials);
  fflush(stdout);
  fprintf(stderr, "pushload: %s: %.0f deliveries/s, %.2f us/delivery, lost %ld, p50 %.0f us p99 %.0f us, client %.0f%%%s\n", ph->name,
          (double)st.deliveries / wall, scpu / 1e3 / dn, lost, (double)hist_q(&st.lat, .5) / 1e3, (double)hist_q(&st.lat, .99) / 1e3,
          ccpu / (cpuwall * 1e7), bound ? " HARNESS-BOUND" : "");
  closed0 = atomic_load(&g_closed);
  return lost || errs || st.dup || st.ooo || st.misrouted || st.corrupt || st.proto_err;
}

int main(int argc, char **argv) {
  static const struct option O[] = {
      {"mode", 1, 0, 'm'}, {"target", 1, 0, 't'}, {"path", 1, 0, 'p'}, {"header", 1, 0, 'H'}, {"on", 1, 0, 'o'}, {"ready", 1, 0, 'r'},
      {"reply", 1, 0, 'R'}, {"capture", 1, 0, 'c'}, {"channel", 1, 0, 'C'}, {"conn-rate", 1, 0, 1}, {"conn-inflight", 1, 0, 2},
      {"conn-timeout", 1, 0, 3}, {"src", 1, 0, 4}, {"src-count", 1, 0, 5}, {"threads", 1, 0, 6}, {"stalled", 1, 0, 7}, {"rcvbuf", 1, 0, 8},
      {"pub-target", 1, 0, 9}, {"pub-method", 1, 0, 10}, {"pub-path", 1, 0, 11}, {"pub-header", 1, 0, 12}, {"pub-body", 1, 0, 13},
      {"payload", 1, 0, 14}, {"publishers", 1, 0, 15}, {"pick", 1, 0, 16}, {"ts", 1, 0, 17}, {"phase", 1, 0, 18}, {"pusher-key", 1, 0, 19},
      {"pusher-secret", 1, 0, 20}, {"jwt-secret", 1, 0, 21}, {"jwt-claims", 1, 0, 22}, {"pid", 1, 0, 23}, {"settle", 1, 0, 24},
      {"hold", 1, 0, 25}, {"drain", 1, 0, 26}, {"exec-settled", 1, 0, 27}, {"label", 1, 0, 28}, {"verbose", 0, 0, 29}, {"help", 0, 0, 'h'},
      {"self-test-hash", 0, 0, 30}, {"poll-us", 1, 0, 31}, {"slices", 0, 0, 32}, {0}};
  signal(SIGPIPE, SIG_IGN);
  C.n = 1, C.k = 1;
  C.path = "/";
  C.chan_tpl = "channel{c}";
  C.conn_rate = 5000, C.conn_inflight = 256, C.conn_timeout = 20;
  C.threads = 1, C.publishers = 1;
  C.pub_method = "POST", C.pub_path = "/publish", C.pub_body = "{mark}{pad}";
  C.payload = 128;
  C.settle = 0.5, C.drain = 2;
  C.jwt_claims = "{\"sub\":\"user{i}\",\"exp\":4102444800}";
  C.label = "";
  bool have_target = false;
  char *spec[MAX_PHASES];
  int o, nspec = 0;
  while ((o = getopt_long(argc, argv, "m:t:p:H:o:r:n:k:h", O, NULL)) != -1) switch (o) {
    case 'm': C.mode = !strcmp(optarg, "ws") ? M_WS : !strcmp(optarg, "sse") ? M_SSE : !strcmp(optarg, "pusher") ? M_PUSHER : (usage(), 0); break;
    case 't': parse_addr(optarg, &C.target, C.hostport, sizeof C.hostport); have_target = true; break;
    case 'p': C.path = optarg; break;
    case 'H': if (C.nhdr < MAX_HDRS) C.hdr[C.nhdr++] = optarg; break;
    case 'o': if (C.nstep < MAX_STEPS) C.step[C.nstep++] = parse_step(optarg); break;
    case 'R': if (C.nreply < MAX_STEPS) C.reply[C.nreply++] = parse_step(optarg); break;
    case 'r': C.ready = optarg; break;
    case 'c': C.capture = optarg; break;
    case 'C': C.chan_tpl = optarg; break;
    case 'n': C.n = (uint32_t)atoi(optarg); break;
    case 'k': C.k = (uint32_t)atoi(optarg); break;
    case 1: C.conn_rate = atof(optarg); break;
    case 2: C.conn_inflight = (uint32_t)atoi(optarg); break;
    case 3: C.conn_timeout = atof(optarg); break;
    case 4: { struct in_addr a; if (inet_pton(AF_INET, optarg, &a) != 1) die("--src"); C.src_base = ntohl(a.s_addr); if (!C.src_count) C.src_count = 1; break; }
    case 5: C.src_count = atoi(optarg); break;
    case 6: C.threads = atoi(optarg); break;
    case 7: C.stalled = (uint32_t)atoi(optarg); break;
    case 8: C.rcvbuf = atoi(optarg); break;
    case 9: parse_addr(optarg, &C.pub_target, C.pub_hostport, sizeof C.pub_hostport); break;
    case 10: C.pub_method = optarg; break;
    case 11: C.pub_path = optarg; break;
    case 12: if (C.npub_hdr < MAX_HDRS) C.pub_hdr[C.npub_hdr++] = optarg; break;
    case 13: C.pub_body = optarg; break;
    case 14: C.payload = (uint32_t)atoi(optarg); break;
    case 15: C.publishers = atoi(optarg); break;
    case 16: C.pick_rr = !strcmp(optarg, "rr"); break;
    case 17: C.ts_sched = !strcmp(optarg, "sched"); break;
    case 18: if (nspec >= MAX_PHASES) die("too many phases"); spec[nspec++] = optarg; break;
    case 19: C.psh_key = optarg; break;
    case 20: C.psh_secret = optarg; break;
    case 21: C.jwt_secret = optarg; break;
    case 22: C.jwt_claims = optarg; break;
    case 23: parse_pids(optarg); break;
    case 24: C.settle = atof(optarg); break;
    case 25: C.hold = atof(optarg); break;
    case 26: C.drain = atof(optarg); break;
    case 27: C.exec_settled = optarg; break;
    case 28: C.label = optarg; break;
    case 29: C.verbose = true; break;
    case 31: C.poll_us = (uint32_t)atoi(optarg); break;
    case 32: C.slices = true; break;
    case 30: { /* hash check against known vectors */
      uint8_t d[32]; char h[65];
      md5("abc", 3, d); hex(d, 16, h); puts(h);
      md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890", 80, d); hex(d, 16, h); puts(h);
      hmac256("key", "The quick brown fox jumps over the lazy dog", 43, d); hex(d, 32, h); puts(h);
      return 0;
    }
    default: usage();
    }
  if (!have_target) usage();
  if (!C.pub_target.sin_port) C.pub_target = C.target, memcpy(C.pub_hostport, C.hostport, sizeof C.hostport);
  if (C.threads < 1 || C.threads > MAX_THR) die("--threads 1..%d", MAX_THR);
  if (C.publishers < 1 || C.publishers > MAX_PUB) die("--publishers 1..%d", MAX_PUB);
  if (C.k < 1 || C.k > 100000) die("-k 1..100000");
  if (C.publishers > (int)C.k) die("more publishers than channels: order could not be checked");
  if (C.poll_us > 100000) die("--poll-us: at most 100000");
  if (C.payload < MARK_LEN || C.payload > MAX_PAYLOAD) die("the payload is %d to %d bytes", MARK_LEN, MAX_PAYLOAD);
  for (; C.nph < nspec; C.nph++) {
    const char *err = read_phase(spec[C.nph], &C.ph[C.nph]);
    if (err) die("--phase: %s", err);
  }
  if ((C.psh_key != NULL) != (C.psh_secret != NULL)) die("--pusher-key and --pusher-secret go together");
  struct rlimit rl;
  getrlimit(RLIMIT_NOFILE, &rl);
  rl.rlim_cur = rl.rlim_max;
  setrlimit(RLIMIT_NOFILE, &rl);
  if (rl.rlim_cur < C.n + 64) die("ulimit -n is %lu, too few for %u connections", (unsigned long)rl.rlim_cur, C.n);

  g_run = (uint32_t)(now_ns() / 1000 ^ (uint64_t)getpid() * 2654435761u);
  srandom(g_run);
  g_padlen = C.payload - MARK_LEN;
  g_pad = malloc(MAX_PAYLOAD);
  for (uint32_t i = 0; i < MAX_PAYLOAD; i++) g_pad[i] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[i % 64];
  C.check_pad = strstr(C.pub_body, "{mark}{pad}") != NULL;
  g_phase_base = calloc(C.k, 4);
  g_subs = calloc(C.k, sizeof *g_subs);
  g_seq = calloc(C.k, 4);
  pthread_condattr_t ca;
  pthread_condattr_init(&ca);
  pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
  pthread_cond_init(&g_cv, &ca);

  /* ---- connect ---- */
  struct mem m0 = server_mem();
  uint64_t av0 = mem_available_kb();
  struct usage u0 = server_usage();
  uint64_t cc0 = self_cpu_ns(), t0 = now_ns();
  for (int i = 0; i < C.threads; i++) {
    struct thr *t = &T[i];
    t->id = i;
    t->n = C.n / (uint32_t)C.threads + ((uint32_t)i < C.n % (uint32_t)C.threads);
    t->conns = calloc(t->n ? t->n : 1, sizeof *t->conns);
    t->rb = malloc(RBUF);
    t->tpl = malloc(TPL_MAX);
    for (uint32_t j = 0; j < t->n; j++) {
      struct conn *c = &t->conns[j];
      c->fd = -1;
      c->idx = j * (uint32_t)C.threads + (uint32_t)i;
      c->chan = c->idx % C.k;
      c->next_seq = 1;
    }
    t->ep = epoll_create1(EPOLL_CLOEXEC);
    t->evfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(t->ep, EPOLL_CTL_ADD, t->evfd, &ev);
    pthread_create(&t->th, NULL, receiver, t);
  }
  uint64_t lastp = now_ns();
  uint32_t seen = 0;
  for (;;) {
    uint32_t d = atomic_load(&g_ready) + atomic_load(&g_failed);
    if (d >= C.n) break;
    if (d != seen) seen = d, lastp = now_ns();
    if ((double)(now_ns() - lastp) > C.conn_timeout * 1e9) {
      fprintf(stderr, "pushload: only %u of %u ready after %.0f s without progress\n", atomic_load(&g_ready), C.n, C.conn_timeout);
      break;
    }
    sleep_ms(1);
  }
  struct usage u1 = server_usage();
  uint64_t cc1 = self_cpu_ns();
  uint64_t tr = 0;
  struct hist hs = {0};
  for (int i = 0; i < C.threads; i++) {
    if (T[i].t_last_ready > tr) tr = T[i].t_last_ready;
    hist_merge(&hs, &T[i].hs);
  }
  uint32_t ready = atomic_load(&g_ready);
  double ct = tr > t0 ? (double)(tr - t0) * 1e-9 : 0;
  sleep_ms((uint64_t)(C.settle * 1000));
  if (C.exec_settled && system(C.exec_settled) != 0) fprintf(stderr, "pushload: --exec-settled failed\n");
  struct mem m1 = server_mem();
  uint64_t av1 = mem_available_kb();
  struct usage uh0 = server_usage();
  uint64_t th0 = now_ns();
  if (C.hold > 0) sleep_ms((uint64_t)(C.hold * 1000));
  struct usage uh1 = server_usage();
  double hold_pct = C.hold > 0 ? (double)(uh1.cpu_ns - uh0.cpu_ns) / (double)(now_ns() - th0) * 100 : 0;
  fprintf(stderr, "pushload: %u/%u ready in %.2f s, server rss %" PRIu64 " -> %" PRIu64 " KiB\n", ready, C.n, ct, m0.rss, m1.rss);

  char head[2048];
  double rn = ready ? ready : 1;
  snprintf(head, sizeof head,
           "{\"label\":\"%s\",\"mode\":\"%s\",\"n\":%u,\"channels\":%u,\"connected\":%u,\"failed\":%u,\"handshake_rate\":%.0f,"
           "\"handshake_ms_p50\":%.2f,\"handshake_ms_p99\":%.2f,\"handshake_cpu_us_per_conn\":%.1f,\"client_cpu_us_per_conn\":%.1f,"
           "\"rss_before_kb\":%" PRIu64 ",\"rss_after_kb\":%" PRIu64 ",\"rss_per_conn\":%.0f,\"pss_per_conn\":%.0f,\"machine_mem_per_conn\":%.0f,"
           "\"idle_cpu_pct\":%.2f",
           C.label, mode_name(), C.n, C.k, ready, C.n - ready, ct > 0 ? ready / ct : 0,
           (double)hist_q(&hs, .5) / 1e6, (double)hist_q(&hs, .99) / 1e6, (double)(u1.cpu_ns - u0.cpu_ns) / 1e3 / rn,
           (double)(cc1 - cc0) / 1e3 / rn, m0.rss, m1.rss, ((double)m1.rss - (double)m0.rss) * 1024 / rn,
           ((double)m1.pss - (double)m0.pss) * 1024 / rn, ((double)av0 - (double)av1) * 1024 / rn, hold_pct);

  /* ---- phases ---- */
  for (int i = 0; i < C.publishers; i++) {
    P[i].id = i;
    P[i].fd = -1;
    P[i].rng = 88172645463325252ull + (uint64_t)i * 7919 + g_run;
    P[i].body = malloc(TPL_MAX);
    P[i].req = malloc(TPL_MAX);
    if ((C.nph || C.slices) && pub_connect(&P[i])) die("cannot connect the publisher: %s", strerror(errno));
  }
  static struct stats discard;
  uint64_t rc;
  int worst = 0;
  if (!C.nph && !C.slices) {
    snapshot_all(&discard, &rc);
    printf("%s,\"disconnected\":%u,\"proto_err\":%" PRIu64 "}\n", head, atomic_load(&g_closed), discard.proto_err);
  }
  for (int pi = 0; pi < C.nph; pi++) worst |= run_phase(&C.ph[pi], head, C.ph[pi].warm);
  if (C.slices) { /* one slice per line of standard input, one JSON line for each */
    printf("%s,\"event\":\"ready\"}\n", head);
    fflush(stdout);
    char line[512];
    snprintf(head, sizeof head, "{\"label\":\"%s\",\"event\":\"slice\",\"mode\":\"%s\",\"n\":%u,\"channels\":%u,\"connected\":%u", C.label, mode_name(), C.n, C.k, ready);
    while (fgets(line, sizeof line, stdin)) {
      line[strcspn(line, "\r\n")] = 0;
      if (!strcmp(line, "quit")) break;
      if (!line[strspn(line, " \t")] || line[0] == '#') continue;
      struct phase ph;
      const char *err = read_phase(line, &ph);
      if (err) {
        printf("{\"event\":\"error\",\"error\":\"%s\"}\n", err);
        fflush(stdout);
        continue;
      }
      worst |= run_phase(&ph, head, false);
    }
  }
  atomic_store(&g_stop, true);
  for (int i = 0; i < C.threads; i++) {
    uint64_t one = 1;
    if (write(T[i].evfd, &one, 8) != 8) {}
    pthread_join(T[i].th, NULL);
  }
  return ready < C.n ? 1 : worst;
}
