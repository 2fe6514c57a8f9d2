// Streaming SHA-256 (FIPS 180-4): the engine's Merkle leaves and chain heads, without a dependency on a crypto package.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A hash in progress. Plain bytes without pointers: copying the struct forks the hash, so `final` on a copy gives the digest so far.
typedef struct {
    uint32_t state[8];
    uint64_t length;   // bytes taken so far; the standard's limit is 2^61 - 1
    uint8_t block[64]; // the start of a block that is not complete yet
    uint32_t fill;     // bytes in `block`, always below 64 between calls
} clotus_sha256;

void clotus_sha256_init(clotus_sha256 *hash);

/// `bytes` may be null if `count` is 0.
void clotus_sha256_update(clotus_sha256 *hash, const void *bytes, size_t count);

/// Writes the digest. The struct is used up: only init makes it usable again.
void clotus_sha256_final(clotus_sha256 *hash, uint8_t digest[32]);

/// 1 if this processor's SHA instructions are in use, else 0. Both paths give the same digests.
int clotus_sha256_accelerated(void);
