// The C that Swift cannot say itself: xxHash and LZ4 frames with the exact settings of SPEC.md, futexes, and atomics on mapped memory.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>
#include <lz4frame.h>
#include <lz4.h>

#if defined(__x86_64__)
// Debian's libxxhash exports run-time dispatched kernels (AVX2, AVX-512); the plain names are the SSE2 build, at half the speed.
XXH64_hash_t XXH3_64bits_withSeed_dispatch(const void *input, size_t length, XXH64_hash_t seed);
#endif

/// XXH3-64 with a seed.
static inline uint64_t clotus_xxh3(const void *bytes, size_t count, uint64_t seed) {
#if defined(__x86_64__)
    // Short inputs never reach a vector kernel: the plain symbol saves the dispatch.
    if (count <= 240) return XXH3_64bits_withSeed(bytes, count, seed);
    return XXH3_64bits_withSeed_dispatch(bytes, count, seed);
#else
    return XXH3_64bits_withSeed(bytes, count, seed);
#endif
}

/// XXH64 of data that comes in pieces, as `xxhsum -H64` prints it; NULL if there is no memory.
static inline void *clotus_xxh64_make(void) {
    XXH64_state_t *state = XXH64_createState();
    if (state) (void)XXH64_reset(state, 0);
    return state;
}
static inline void clotus_xxh64_update(void *state, const void *bytes, size_t count) {
    (void)XXH64_update((XXH64_state_t *)state, bytes, count);
}
static inline uint64_t clotus_xxh64_digest(const void *state) { return XXH64_digest((const XXH64_state_t *)state); }
static inline void clotus_xxh64_free(void *state) { (void)XXH64_freeState((XXH64_state_t *)state); }

static inline uint32_t clotus_xxh_version(void) { return XXH_versionNumber(); }
static inline uint32_t clotus_lz4_version(void) { return (uint32_t)LZ4_versionNumber(); }

/// Most bytes that clotus_lz4_compress can write for `count` raw bytes.
size_t clotus_lz4_bound(size_t count);

/// Compresses into one LZ4 frame: independent blocks, no content size, no checksums. Returns its length, or 0 if `capacity` is too small.
size_t clotus_lz4_compress(const void *raw, size_t count, void *frame, size_t capacity);

/// A reusable decompression context.
typedef struct clotus_lz4_context clotus_lz4_context;
clotus_lz4_context *clotus_lz4_create(void);
void clotus_lz4_destroy(clotus_lz4_context *context);

/// Decompresses exactly one frame of `frame_count` bytes into exactly `raw_count` bytes. Returns 0 on success, else a negative code:
/// -1 malformed frame, -2 other length than told, -3 bytes behind the frame, -4 dictionary needed.
int clotus_lz4_decompress(clotus_lz4_context *context, const void *frame, size_t frame_count, void *raw, size_t raw_count);

/// Sleeps until `*word != expected`, a wake-up, or the time-out. Works between processes. Returns 0, or errno.
int clotus_futex_wait(const void *word, uint32_t expected, int64_t timeout_nanos);
/// Wakes all sleepers on `word`.
void clotus_futex_wake_all(const void *word);

// Atomics on mapped memory. The addresses are aligned, see SPEC.md section 13.
static inline uint32_t clotus_load_u32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
static inline void clotus_store_u32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
static inline uint32_t clotus_add_u32(void *p, uint32_t v) { return __atomic_fetch_add((uint32_t *)p, v, __ATOMIC_SEQ_CST); }
static inline uint64_t clotus_load_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
static inline void clotus_store_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
static inline void clotus_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline uint64_t clotus_load_relaxed_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED); }
static inline void clotus_store_relaxed_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELAXED); }

// open(2) and fcntl(2) are variadic, which Swift cannot import.
int clotus_open(const char *path, int flags, unsigned int mode);
/// Fills 16 bytes with the kernel's random source. Returns 0 or errno.
int clotus_random(void *bytes, size_t count);

/// Keeps the allocator from learning to hold on to large blocks: what is longer than `bytes` always comes from the
/// system and goes back to it, so that a buffer that was needed once does not stay in the heap for good.
void clotus_return_large_blocks(size_t bytes);

/// Leaves the first `count` (at least 1) of the cores allowed so far to this thread and those that it starts; fewer than
/// that are kept as they are. Returns 0 or errno.
int clotus_keep_cores(unsigned int count);
/// Cores that this thread may run on; 1 where the system does not say.
unsigned int clotus_allowed_cores(void);

/// Git commit that this build was made from, 40 hexadecimal digits, or "" if unknown.
const char *clotus_commit(void);
/// Whether the tree was modified.
int clotus_is_modified(void);
