// Feeds every seed of one fuzz target to it, in builds without libFuzzer too. A crash is the failure.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

TEST(FuzzSeeds, AreTaken) {
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator{LK_FUZZ_SEEDS}) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    ASSERT_FALSE(file.bad());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()), 0);
    ++seeds;
  }
  EXPECT_GT(seeds, 0) << "no seeds in " << LK_FUZZ_SEEDS;
}
