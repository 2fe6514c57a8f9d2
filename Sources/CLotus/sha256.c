#include "CLotusSHA256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>
#endif

// Fractional parts of the cube roots of the first 64 primes. Aligned, so that the SHA-NI path may load four at a time.
static const _Alignas(16) uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// Byte by byte, because SHA-256 is big-endian and input is unaligned; compilers turn both into one move and a byte swap.
static inline uint32_t load_big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void store_big_endian(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline uint32_t rotate_right(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

// One round. Instead of shifting eight variables along, the caller renames them, which leaves two additions into d and h.
#define ROUND(a, b, c, d, e, f, g, h, word)                                                                                      \
    do {                                                                                                                         \
        uint32_t t = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + (g ^ (e & (f ^ g))) + (word);        \
        d += t;                                                                                                                  \
        h = t + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & b) | (c & (a | b)));                    \
    } while (0)

static void compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += 64) {
        uint32_t w[64];
        for (int i = 0; i < 16; i++) w[i] = load_big_endian(blocks + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) + w[i - 7] +
                   (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i += 8) {
            const uint32_t *k = round_constants + i;
            ROUND(a, b, c, d, e, f, g, h, k[0] + w[i]);
            ROUND(h, a, b, c, d, e, f, g, k[1] + w[i + 1]);
            ROUND(g, h, a, b, c, d, e, f, k[2] + w[i + 2]);
            ROUND(f, g, h, a, b, c, d, e, k[3] + w[i + 3]);
            ROUND(e, f, g, h, a, b, c, d, k[4] + w[i + 4]);
            ROUND(d, e, f, g, h, a, b, c, k[5] + w[i + 5]);
            ROUND(c, d, e, f, g, h, a, b, k[6] + w[i + 6]);
            ROUND(b, c, d, e, f, g, h, a, k[7] + w[i + 7]);
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

#if defined(__x86_64__)

// Only these functions may use the instructions: the rest of the file must run on processors without them.
#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

// The next four message words. The arguments are the sixteen words before them, oldest first.
SHA_NI static inline __m128i schedule(__m128i w0, __m128i w4, __m128i w8, __m128i w12) {
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

// Four rounds. The instruction does two, on the low half of its last operand, and leaves the state's halves swapped: two of them restore the order.
#define FOUR_ROUNDS(word, first)                                                                                        \
    do {                                                                                                                \
        __m128i sum = _mm_add_epi32(word, _mm_load_si128((const __m128i *)(const void *)(round_constants + (first))));  \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                                                  \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));                                         \
    } while (0)

SHA_NI static void compress_sha_ni(uint32_t state[8], const uint8_t *blocks, size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bll, 0x0405060700010203ll);
    // The instructions want the state as (a b e f) and (c d g h), most significant word first.
    __m128i *halves = (__m128i *)(void *)state;
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(halves), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(halves + 1), 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
    __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);

    for (; count > 0; count--, blocks += 64) {
        const __m128i *input = (const __m128i *)(const void *)blocks;
        __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w0 = _mm_shuffle_epi8(_mm_loadu_si128(input), swap);
        __m128i w4 = _mm_shuffle_epi8(_mm_loadu_si128(input + 1), swap);
        __m128i w8 = _mm_shuffle_epi8(_mm_loadu_si128(input + 2), swap);
        __m128i w12 = _mm_shuffle_epi8(_mm_loadu_si128(input + 3), swap);
        for (int first = 0;; first += 16) {
            FOUR_ROUNDS(w0, first);
            FOUR_ROUNDS(w4, first + 4);
            FOUR_ROUNDS(w8, first + 8);
            FOUR_ROUNDS(w12, first + 12);
            if (first == 48) break;
            w0 = schedule(w0, w4, w8, w12);
            w4 = schedule(w4, w8, w12, w0);
            w8 = schedule(w8, w12, w0, w4);
            w12 = schedule(w12, w0, w4, w8);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(halves, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(halves + 1, _mm_alignr_epi8(dchg, feba, 8));
}

static int detect_sha_ni(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

// Cached, because cpuid leaves the virtual machine and costs more than hashing many blocks. Relaxed is enough: threads that race find the same answer.
enum { UNKNOWN, PORTABLE, ACCELERATED };
static atomic_int selected_path = UNKNOWN;

int clotus_sha256_accelerated(void) {
    int path = atomic_load_explicit(&selected_path, memory_order_relaxed);
    if (path == UNKNOWN) {
        path = detect_sha_ni() ? ACCELERATED : PORTABLE;
        atomic_store_explicit(&selected_path, path, memory_order_relaxed);
    }
    return path == ACCELERATED;
}

static void compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    if (clotus_sha256_accelerated()) compress_sha_ni(state, blocks, count);
    else compress_portable(state, blocks, count);
}

#else

int clotus_sha256_accelerated(void) { return 0; }

static void compress(uint32_t state[8], const uint8_t *blocks, size_t count) { compress_portable(state, blocks, count); }

#endif

void clotus_sha256_init(clotus_sha256 *hash) {
    // Fractional parts of the square roots of the first eight primes.
    static const uint32_t initial[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    // All of it, block too: Swift may copy or compare the struct, which must not read indeterminate bytes.
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, initial, sizeof initial);
}

void clotus_sha256_update(clotus_sha256 *hash, const void *bytes, size_t count) {
    // memcpy from a null pointer is undefined even for no bytes, and an empty Swift buffer has a null base.
    if (count == 0) return;
    const uint8_t *next = bytes;
    hash->length += count;
    if (hash->fill > 0) {
        size_t take = 64 - hash->fill < count ? 64 - hash->fill : count;
        memcpy(hash->block + hash->fill, next, take);
        hash->fill += (uint32_t)take;
        if (hash->fill < 64) return;
        compress(hash->state, hash->block, 1);
        next += take;
        count -= take;
    }
    // Whole blocks straight from the caller's memory, in one call: the SHA-NI path keeps the state in registers between them.
    size_t whole = count / 64;
    if (whole > 0) compress(hash->state, next, whole);
    hash->fill = (uint32_t)(count % 64);
    memcpy(hash->block, next + 64 * whole, hash->fill);
}

void clotus_sha256_final(clotus_sha256 *hash, uint8_t digest[32]) {
    // Padding: a one bit, zeros, and the length in bits, which must end a block. fill is below 64, so the one bit always fits.
    uint64_t bits = hash->length * 8;
    size_t fill = hash->fill;
    hash->block[fill++] = 0x80;
    if (fill > 56) {
        memset(hash->block + fill, 0, 64 - fill);
        compress(hash->state, hash->block, 1);
        fill = 0;
    }
    memset(hash->block + fill, 0, 56 - fill);
    store_big_endian(hash->block + 56, (uint32_t)(bits >> 32));
    store_big_endian(hash->block + 60, (uint32_t)bits);
    compress(hash->state, hash->block, 1);
    for (int i = 0; i < 8; i++) store_big_endian(digest + 4 * i, hash->state[i]);
}
