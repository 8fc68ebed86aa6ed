#include "diagnosis/subset.h"

#include "nbreplay/reduce/elimination.h"

namespace nbreplay {
namespace {

class Predicate final : public reduce::Oracle {
 public:
  explicit Predicate(const std::function<bool(const reduce::Subset&)>& holds) : holds_(holds) {}

  void test(std::span<const reduce::Subset> batch, const Report& report) override {
    for (std::size_t i = 0; i < batch.size(); ++i)
      report(i, holds_(batch[i]) ? reduce::TestOutcome::kFail : reduce::TestOutcome::kPass);
  }

 private:
  const std::function<bool(const reduce::Subset&)>& holds_;
};

}  // namespace

std::vector<std::size_t> smallest_subset_that(
    std::size_t n, const std::function<bool(const std::vector<std::size_t>&)>& holds) {
  Predicate oracle(holds);
  return reduce::backward_elimination(n, oracle).kept;
}

}  // namespace nbreplay
