// SHA-256 (FIPS 180-4) of CryptEncode.
#include <vector>
#include "services.hpp"

namespace mql5 {
namespace {

const uint K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint rotated(uint word, int by) { return (word >> by) | (word << (32 - by)); }

std::vector<uchar> sha256(std::vector<uchar> message) {
  uint h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const ulong bits = static_cast<ulong>(message.size()) * 8;
  message.push_back(0x80);
  while (message.size() % 64 != 56) message.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8) message.push_back(static_cast<uchar>(bits >> shift));
  for (size_t block = 0; block < message.size(); block += 64) {
    uint w[64];
    for (size_t t = 0; t < 16; t++)
      w[t] = (static_cast<uint>(message[block + t * 4]) << 24) | (static_cast<uint>(message[block + t * 4 + 1]) << 16) |
             (static_cast<uint>(message[block + t * 4 + 2]) << 8) | message[block + t * 4 + 3];
    for (size_t t = 16; t < 64; t++) {
      const uint s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const uint s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    uint v[8];
    for (int at = 0; at < 8; at++) v[at] = h[at];
    for (size_t t = 0; t < 64; t++) {
      const uint s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25);
      const uint t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[t] + w[t];
      const uint s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22);
      const uint t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int at = 7; at > 0; at--) v[at] = v[at - 1];
      v[4] += t1;
      v[0] = t1 + t2;
    }
    for (int at = 0; at < 8; at++) h[at] += v[at];
  }
  std::vector<uchar> digest;
  for (const uint word : h)
    for (int shift = 24; shift >= 0; shift -= 8) digest.push_back(static_cast<uchar>(word >> shift));
  return digest;
}

std::vector<uchar> bytesOf(const MqlArray<uchar>& array) { return std::vector<uchar>(array.data(), array.data() + array.size()); }
int give(const std::vector<uchar>& bytes, MqlArray<uchar>& result) {
  result.resize(static_cast<int>(bytes.size()), 0);
  for (size_t at = 0; at < bytes.size(); at++) result[at] = bytes[at];
  return static_cast<int>(bytes.size());
}

}  // namespace

int CryptEncode(ENUM_CRYPT_METHOD method, const MqlArray<uchar>& data, const MqlArray<uchar>&, MqlArray<uchar>& result) {
  if (method == CRYPT_HASH_SHA256) return give(sha256(bytesOf(data)), result);
  critical("CryptEncode: this method does not exist in the shim");
}

}  // namespace mql5
