// A root of layers: which requests it becomes, where, and how it is taken back.
#include <algorithm>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

cli::Surroundings with_image() {
  auto around = fake_surroundings();
  around.image_of = [](const cli::Options&) {
    cli::ImageRoot image;
    image.lower = {"/store/layers/top", "/store/layers/bottom"};
    image.folder = "/store/images/id";
    image.config.entrypoint = {"/entry"};
    image.config.command = {"word"};
    image.config.environment = {"PATH=/opt", "A=image", "B=image"};
    image.config.user = "app";
    image.config.workdir = "/srv";
    image.config.stop_signal = "SIGUSR1";
    image.config.ports = {"80/tcp", "53/udp"};
    return image;
  };
  around.writable_of = [](const cli::Options&, const std::string& id) {
    return "/store/writable/" + id;
  };
  return around;
}

ContainerSpec spec_of(const Words& words) { return cli::to_spec(options_of(words), with_image()); }

Plan plan_of(const Words& words) { return make_plan(stages(), spec_of(words), HostFacts{}); }

template <class Kind>
const Kind* find(const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    if (const auto* const found = std::get_if<Kind>(&step.action)) return found;
  }
  return nullptr;
}

std::vector<Tree> mapped(const Plan& plan) {
  std::vector<Tree> out;
  for (const auto& step : plan.attach) {
    const auto* const set = std::get_if<SetTree>(&step.action);
    if (set != nullptr && set->id_map) out.push_back(set->tree);
  }
  return out;
}

TEST(Layers, TheHostOpensThemAndTheChildMountsThem) {
  const Plan plan = plan_of({"-a", "--name", "x", "--image", "i"});
  std::vector<std::string> opened;
  for (const auto& step : plan.prepare) {
    const auto* const tree = std::get_if<OpenTree>(&step.action);
    if (tree != nullptr) opened.push_back(tree->path);
  }
  EXPECT_EQ(opened, (Words{"/store/writable/x", "/store/layers/top", "/store/layers/bottom"}));
  ASSERT_NE(find<MountLayers>(plan.enter), nullptr);
  EXPECT_EQ(*find<MountLayers>(plan.enter), (MountLayers{2, kNosuidNodev, false}));
  EXPECT_EQ(mapped(plan), std::vector<Tree>{});
  EXPECT_EQ(find<MakeWritable>(plan.prepare)->uid, 0U);
}

TEST(Layers, WithAUserNamespaceTheirIdsAreMapped) {
  const Plan plan = plan_of({"-aU", "--name", "x", "--image", "i"});
  EXPECT_EQ(find<MountLayers>(plan.enter)->trees, 2U);
  EXPECT_EQ(mapped(plan), (std::vector<Tree>{kFirstLayerTree, kFirstLayerTree + 1}));
  EXPECT_EQ(find<MakeWritable>(plan.prepare)->uid, 100000U) << "its root writes there";
}

TEST(Layers, ADiskIsMountedByTheHostAndLaidUnderByTheChild) {
  for (const char* const how : {"-a", "-aU"}) {
    auto around = with_image();
    around.image_of = [](const cli::Options&) {
      return cli::ImageRoot{{}, {}, "", Disk{"/d.squashfs", "squashfs"}};
    };
    const ContainerSpec spec =
        cli::to_spec(options_of({how, "--image", "/d.squashfs", "true"}), around);
    const Plan plan = make_plan(stages(), spec, HostFacts{});
    const auto* const mount = find<MountDisk>(plan.prepare);
    ASSERT_NE(mount, nullptr);
    EXPECT_EQ(mount->disk, (Disk{"/d.squashfs", "squashfs"}));
    EXPECT_EQ(mount->tree, kFirstLayerTree);
    EXPECT_EQ(mount->flags, kNosuidNodev);
    ASSERT_NE(find<MountLayers>(plan.enter), nullptr);
    EXPECT_EQ(find<MountLayers>(plan.enter)->trees, 1U);
    EXPECT_EQ(find<HoldImage>(plan.prepare), nullptr) << "it is in no store";
    EXPECT_EQ(!mapped(plan).empty(), spec.namespaces.user.is_new());
  }
}

TEST(Layers, WhatIsWrittenGoesAtTheEndUnlessItIsKept) {
  const auto undone = [](const Plan& plan) {
    return std::any_of(plan.prepare.begin(), plan.prepare.end(), [](const Step& step) {
      return std::any_of(step.undo.begin(), step.undo.end(), [](const Action& action) {
        return std::holds_alternative<RemoveWritable>(action);
      });
    });
  };
  EXPECT_TRUE(undone(plan_of({"-a", "--image", "i"})));
  EXPECT_TRUE(undone(plan_of({"-a", "--overlay", "true"})));
  const Plan kept = plan_of({"-a", "--image", "i", "--overlay=/kept"});
  EXPECT_FALSE(undone(kept));
  EXPECT_TRUE(find<MakeWritable>(kept.prepare)->may_exist);
  EXPECT_TRUE(find<MountLayers>(kept.enter)->syncs);
}

TEST(Layers, AnOverlayOverAFolderHoldsNoImage) {
  const Plan plan = plan_of({"-a", "--rootfs", "/r", "--overlay", "true"});
  EXPECT_EQ(find<HoldImage>(plan.prepare), nullptr);
  EXPECT_EQ(find<MountLayers>(plan.enter)->trees, 1U);
}

TEST(ImageOptions, TheImageSaysWhatTheCommandLineDoesNot) {
  const ContainerSpec spec = spec_of({"-a", "--image", "i"});
  EXPECT_EQ(spec.process.argv, (Words{"/entry", "word"}));
  EXPECT_EQ(spec.process.user.uid, 1000U);
  EXPECT_EQ(spec.process.workdir, "/srv");
  EXPECT_TRUE(spec.process.make_workdir);
  EXPECT_EQ(spec.process.stop_signal, SIGUSR1);
  EXPECT_EQ(spec.process.environment.front(), "PATH=/opt");
}

TEST(ImageOptions, TheCommandLineWins) {
  const ContainerSpec spec = spec_of({"-a", "--image", "i", "-u", "0", "-w", "/", "-e", "A=mine",
                                      "--stop-signal", "TERM", "ls", "-l"});
  EXPECT_EQ(spec.process.argv, (Words{"ls", "-l"}));
  EXPECT_EQ(spec.process.user.uid, 0U);
  EXPECT_EQ(spec.process.workdir, "/");
  EXPECT_FALSE(spec.process.make_workdir);
  EXPECT_EQ(spec.process.stop_signal, SIGTERM);
  const auto& variables = spec.process.environment;
  EXPECT_NE(std::find(variables.begin(), variables.end(), "A=mine"), variables.end());
  EXPECT_EQ(std::find(variables.begin(), variables.end(), "A=image"), variables.end());
  EXPECT_NE(std::find(variables.begin(), variables.end(), "B=image"), variables.end());
}

TEST(ImageOptions, TheImagesOwnEntrypointTakesTheWordsIfAskedTo) {
  EXPECT_EQ(spec_of({"-a", "--image", "i", "--keep-entrypoint", "x"}).process.argv,
            (Words{"/entry", "x"}));
}

TEST(ImageOptions, WhatMakesNoSenseIsRefused) {
  for (const Words& words :
       {Words{"-a", "--image", "i", "--rootfs", "/r"}, Words{"-a", "--image", ""},
        Words{"-a", "--keep-entrypoint", "true"}, Words{"-a", "--overlay", "--overlay=/x", "true"},
        Words{"-a", "--overlay=", "true"}, Words{"-a", "--stop-signal", "NONE", "true"},
        Words{"-a", "--network", "nat", "-p", "image", "true"}})
    EXPECT_THROW((void)spec_of(words), UsageError) << words.back();
}

}  // namespace
}  // namespace mydocker::test
