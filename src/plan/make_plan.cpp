// Merges what the stages say into one plan. Pure.
#include <utility>

#include "mydocker/plan.hpp"
#include "plan/rules.hpp"

namespace mydocker {
namespace {

void append(std::vector<Step>& to, std::vector<Step>&& from, std::string_view stage) {
  for (auto& step : from) {
    step.stage = stage;
    to.push_back(std::move(step));
  }
}

}  // namespace

Plan make_plan(std::span<const Stage> stages, const ContainerSpec& spec, const HostFacts& facts) {
  Plan plan;
  for (const auto& stage : stages) {
    StagePlan part = stage.plan(spec, facts);
    plan.clone_flags |= part.clone_flags;
    plan.join_first |= part.join_first;
    if (!part.born_in.empty()) plan.born_in = std::move(part.born_in);
    append(plan.prepare, std::move(part.prepare), stage.name);
    append(plan.attach, std::move(part.attach), stage.name);
    append(plan.meanwhile, std::move(part.meanwhile), stage.name);
    append(plan.enter, std::move(part.enter), stage.name);
    append(plan.finish, std::move(part.finish), stage.name);
    for (auto& notice : part.notices) plan.notices.push_back(std::move(notice));
  }
  check_rules(plan);
  return plan;
}

}  // namespace mydocker
