// Which images an archive or a layout holds, from its texts alone.
#include <map>

#include "gtest/gtest.h"
#include "image/contents.hpp"
#include "image/description.hpp"

namespace mydocker::test {
namespace {

using image::BadImage;
using image::Text;

const std::string kOne(64, '1'), kTwo(64, '2'), kConfig(64, 'c'), kManifest(64, 'd'),
    kOther(64, 'e');

// An archive of texts; a digest is that of the blob's own name unless said.
class Archive {
 public:
  Archive& with(const std::string& path, const std::string& content, std::string digest = "") {
    const auto slash = path.rfind('/');
    if (digest.empty()) digest = slash == std::string::npos ? path : path.substr(slash + 1);
    texts_[path] = {content, digest};
    return *this;
  }
  [[nodiscard]] std::vector<image::Description> images() const {
    return image::describe_images(
        [this](const std::string& path) -> std::optional<Text> {
          const auto found = texts_.find(path);
          return found == texts_.end() ? std::nullopt : std::optional(found->second);
        },
        "folder", "amd64");
  }
  // What is wrong with it.
  [[nodiscard]] std::string problem() const {
    try {
      (void)images();
    } catch (const BadImage& error) {
      return error.what();
    }
    return "nothing";
  }

 private:
  std::map<std::string, Text> texts_;
};

std::string config_of(const std::vector<std::string>& layers, const std::string& config = "{}") {
  std::string list;
  for (const auto& each : layers) list += (list.empty() ? "\"sha256:" : ",\"sha256:") + each + "\"";
  return R"({"os":"linux","architecture":"amd64","config":)" + config +
         R"(,"rootfs":{"type":"layers","diff_ids":[)" + list + "]}}";
}

std::string blob(const std::string& digits) { return "blobs/sha256/" + digits; }

std::string index_of(const std::string& digits, const std::string& more = "") {
  return R"({"manifests":[{"digest":"sha256:)" + digits + "\"" + more + "}]}";
}

std::string manifest_of(const std::string& config, const std::string& layer) {
  return R"({"config":{"digest":"sha256:)" + config + R"("},"layers":[{"digest":"sha256:)" + layer +
         "\"}]}";
}

Archive oci(const std::string& more = "") {
  return Archive()
      .with("index.json", index_of(kManifest, more))
      .with(blob(kManifest), manifest_of(kConfig, kTwo))
      .with(blob(kConfig), config_of({kOne}));
}

TEST(ImageDescription, DockersManifestNamesLayersInOrder) {
  const auto images =
      Archive()
          .with("manifest.json",
                R"([{"Config":"a.json","RepoTags":["x"],"Layers":["1/layer.tar","2/layer.tar"]}])")
          .with("a.json", config_of({kOne, kTwo}), kConfig)
          .images();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0].id, kConfig);
  EXPECT_EQ(images[0].names, std::vector<std::string>{"x:latest"});
  const std::vector<image::LayerFile> layers{{"1/layer.tar", "", kOne}, {"2/layer.tar", "", kTwo}};
  EXPECT_EQ(images[0].layers, layers);
}

TEST(ImageDescription, AnOciLayoutIsFollowedByDigests) {
  const auto images = oci().images();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0].id, kConfig);
  EXPECT_EQ(images[0].layers, (std::vector<image::LayerFile>{{blob(kTwo), kTwo, kOne}}));
}

TEST(ImageDescription, ABlobIsWhatItsNameSaysOrRefused) {
  EXPECT_NE(oci().with(blob(kManifest), manifest_of(kConfig, kTwo), kOther).problem().find(kOther),
            std::string::npos);
  EXPECT_NE(oci().with(blob(kConfig), config_of({kOne}), kOther).problem().find(kOther),
            std::string::npos);
}

TEST(ImageDescription, AnImageOfAnotherMachineIsPassedOver) {
  EXPECT_EQ(oci(R"(,"platform":{"os":"linux","architecture":"amd64"})").images().size(), 1U);
  EXPECT_EQ(oci(R"(,"platform":{"os":"linux","architecture":"s390x"})").problem(),
            "it holds no image for linux on amd64");
}

TEST(ImageDescription, AnIndexInAnIndexIsFollowedButNotForEver) {
  Archive nested = oci();
  nested.with("index.json", index_of(kOther)).with(blob(kOther), index_of(kManifest));
  EXPECT_EQ(nested.images().size(), 1U);
  nested.with(blob(kOther), index_of(kOther));
  EXPECT_EQ(nested.problem(), "its indexes lie too deep in each other");
}

TEST(ImageDescription, NamesComeFromAnnotations) {
  const auto name = [](const std::string& annotation) {
    return oci(R"(,"annotations":{"org.opencontainers.image.ref.name":")" + annotation + "\"}")
        .images()[0]
        .names[0];
  };
  EXPECT_EQ(name("v1"), "folder:v1");
  EXPECT_EQ(name("docker.io/library/alpine:3"), "alpine:3");
  EXPECT_EQ(oci().images()[0].names[0], "folder:latest");
}

TEST(ImageDescription, WhatIsMissingOrOfAnotherKindIsNamed) {
  EXPECT_EQ(Archive().problem(), "it has no 'index.json'");
  EXPECT_EQ(Archive().with("index.json", "{").problem(), "index.json is no JSON");
  EXPECT_EQ(Archive().with("index.json", "{}").problem(), "its index lists no manifests");
  EXPECT_EQ(Archive().with("index.json", R"({"manifests":[{"digest":"md5:1"}]})").problem(),
            "the digest 'md5:1' is not sha256 and 64 digits");
  EXPECT_EQ(oci().with(blob(kManifest), "{}").problem(),
            "its manifest names no configuration or no layers");
  EXPECT_EQ(oci().with(blob(kConfig), config_of({kOne, kTwo})).problem(),
            "its manifest names 1 layers, its configuration 2");
}

TEST(ImageConfig, AllThatACommandLineNeeds) {
  const auto config = image::parse_config(config_of(
      {kOne}, R"({"Entrypoint":["/e"],"Cmd":["c"],"Env":["A=b"],"User":"u","WorkingDir":"/w",)"
              R"("StopSignal":"SIGINT","ExposedPorts":{"80/tcp":{}}})"));
  EXPECT_EQ(config.entrypoint, std::vector<std::string>{"/e"});
  EXPECT_EQ(config.command, std::vector<std::string>{"c"});
  EXPECT_EQ(config.environment, std::vector<std::string>{"A=b"});
  EXPECT_EQ(config.user + config.workdir + config.stop_signal, "u/wSIGINT");
  EXPECT_EQ(config.ports, std::vector<std::string>{"80/tcp"});
}

TEST(ImageConfig, ValuesThatNoProcessCouldHaveAreRefused) {
  const auto refused = [](const std::string& config) {
    try {
      (void)image::parse_config(config_of({kOne}, config));
    } catch (const BadImage&) {
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused(R"({"Env":["NOTHING"]})"));
  EXPECT_TRUE(refused(R"({"Env":["=x"]})"));
  EXPECT_TRUE(refused(R"({"Cmd":["a\u0000b"]})"));
  EXPECT_TRUE(refused(R"({"Cmd":"text"})"));
  EXPECT_TRUE(refused(R"({"User":1000})"));
  EXPECT_FALSE(refused(R"({"User":null,"Cmd":null})"));
}

TEST(ImageNames, AreWholeAndSafe) {
  EXPECT_EQ(image::full_name("alpine"), "alpine:latest");
  EXPECT_EQ(image::full_name("docker.io/library/alpine:3"), "alpine:3");
  EXPECT_EQ(image::full_name("host:5000/a/b"), "host:5000/a/b:latest");
  for (const char* const bad : {"", "../x", "/x", "a b", "a\nb", ".hidden"})
    EXPECT_THROW((void)image::full_name(bad), BadImage) << bad;
}

TEST(ImageContents, AreReadBack) {
  const image::Contents contents(
      "text 6 2 abc\na.json{}data 5 0 -\nb.tarlink 5 6 -\nx/tar../b.tar"
      "link 4 4 -\nloop"
      "loop");
  EXPECT_FALSE(contents.is_root());
  EXPECT_EQ(contents.text("a.json")->content, "{}");
  EXPECT_EQ(contents.text("a.json")->digest, "abc");
  EXPECT_EQ(contents.file("./b.tar"), "b.tar");
  EXPECT_THROW((void)contents.file("loop"), BadImage);
  EXPECT_THROW((void)contents.file("/etc/passwd"), BadImage);
  EXPECT_TRUE(image::Contents("root 0 0 -\n").is_root());
  for (const char* const bad : {"text", "text 1 1 -\n", "text 99999999999 0 -\n", "text -1 0 -\n"})
    EXPECT_THROW((void)image::Contents(bad), BadImage) << bad;
}

TEST(ImageContents, ALinkLeadsNowhereButIntoTheArchive) {
  const image::Contents contents("data 5 0 -\nb.tarlink 5 17 -\nx/tar../../../../b.tar");
  EXPECT_EQ(contents.file("x/tar"), "b.tar");
}

}  // namespace
}  // namespace mydocker::test
