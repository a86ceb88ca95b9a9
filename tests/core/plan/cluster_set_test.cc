#include "reconciler/core/plan/cluster_set.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

// Expected digests are those of `printf 'apple\nplum\n' | sha256sum`.
TEST(ClusterSet, HashIsThatOfTheNamesEachWithALineEnd) {
  struct Case {
    std::string name;
    std::vector<std::string> clusters;
    std::string hash;
  };
  for (const Case& c : {
           Case{"none", {}, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
           Case{"one", {"mgab6"}, "sha256:9d9a44be7036f468ec23560053ecd845cd698dafffc2663c2779480ae4e4489c"},
           Case{"two",
                {"apple", "plum"},
                "sha256:e7e297add77b7a44558866b3105b162b38bc53aebead20694e7af9d9a7918763"},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(HashClusterSet(c.clusters), c.hash);
  }
}

TEST(ClusterSet, NamesDoNotRunIntoEachOther) {
  EXPECT_NE(HashClusterSet({"a", "bc"}), HashClusterSet({"ab", "c"}));
  EXPECT_NE(HashClusterSet({"a", "b"}), HashClusterSet({"ab"}));
}

TEST(ClusterSetDeathTest, WantsSortedNamesEachOnce) {
  EXPECT_DEATH(HashClusterSet({"plum", "apple"}), "sorted_names");
  EXPECT_DEATH(HashClusterSet({"plum", "plum"}), "sorted_names");
}

}  // namespace
}  // namespace lockkeeper
