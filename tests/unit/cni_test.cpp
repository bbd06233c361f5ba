// CNI: configuration, results, and what is written down, as texts.
#include "cni/attachment.hpp"
#include "cni/network_list.hpp"
#include "cni/result.hpp"
#include "helpers/addresses.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

constexpr const char* kList = R"({"cniVersion": "1.0.0", "name": "web", "plugins": [
  {"type": "bridge", "cniVersion": "0.1.0", "name": "x", "ipam": {"type": "host-local"}},
  {"type": "portmap", "capabilities": {"portMappings": true}, "runtimeConfig": {"a": 1}}]})";

std::string refused(const std::string& text) {
  try {
    static_cast<void>(cni::parse_network(text));
  } catch (const cni::ConfigError& error) {
    return error.what();
  }
  return "it was taken";
}

TEST(Cni, AListIsOneConfigurationForEachPlugin) {
  const CniNetwork network = cni::parse_network(kList);
  EXPECT_EQ(network.name, "web");
  EXPECT_TRUE(network.may_check);
  ASSERT_EQ(network.plugins.size(), 2U);
  EXPECT_EQ(network.plugins[0].config,
            R"({"cniVersion":"1.0.0","name":"web","type":"bridge","ipam":{"type":"host-local"}})");
  EXPECT_EQ(network.plugins[1].config, R"({"cniVersion":"1.0.0","name":"web","type":"portmap"})");
  EXPECT_FALSE(network.plugins[0].takes_ports);
  EXPECT_TRUE(network.plugins[1].takes_ports);
}

TEST(Cni, AFileOfOnePluginIsAListOfOne) {
  const CniNetwork network =
      cni::parse_network(R"({"cniVersion": "0.3.1", "name": "one", "type": "ptp"})");
  ASSERT_EQ(network.plugins.size(), 1U);
  EXPECT_EQ(network.plugins[0].config, R"({"cniVersion":"0.3.1","name":"one","type":"ptp"})");
  EXPECT_FALSE(network.may_check) << "0.3.1 does not know the word";
}

TEST(Cni, CheckingMayBeSwitchedOff) {
  for (const char* const value : {"true", "\"true\""}) {
    EXPECT_FALSE(
        cni::parse_network(std::string(R"({"cniVersion": "0.4.0", "name": "a", "disableCheck": )") +
                           value + R"(, "plugins": [{"type": "b"}]})")
            .may_check);
  }
}

TEST(Cni, WhatIsNoNetworkIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "parse error"},
      {"[]", "it has to be a JSON object"},
      {R"({"cniVersion": "1.0.0", "name": "../a", "type": "b"})", "name '../a'"},
      {R"({"cniVersion": "1.0.0", "name": "", "type": "b"})", "name ''"},
      {R"({"cniVersion": "0.2.0", "name": "a", "type": "b"})", "cniVersion '0.2.0'"},
      {R"({"name": "a", "type": "b"})", "cniVersion ''"},
      {R"({"cniVersion": "1.0.0", "name": "a", "type": "../b"})", "type '../b'"},
      {R"({"cniVersion": "1.0.0", "name": "a"})", "type ''"},
      {R"({"cniVersion": "1.0.0", "name": "a", "plugins": []})", "plugins: there is none"},
      {R"({"cniVersion": "1.0.0", "name": "a", "plugins": [7]})", "plugins: each"},
  };
  for (const auto& [text, told] : cases)
    EXPECT_NE(refused(text).find(told), std::string::npos) << text << ": " << refused(text);
}

TEST(Cni, WhatIsNestedWithoutEndIsRefused) {
  const std::string deep(200000, '[');
  EXPECT_NE(refused(deep).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(cni::error_in(deep), "");
}

TEST(Cni, PortsAreToldToThosePluginsThatPublishThem) {
  CniNetwork network = cni::parse_network(kList);
  const std::string first = network.plugins[0].config;
  cni::publish({{*addresses::parse("127.0.0.1"), 8080, 80, Transport::tcp},
                {*addresses::parse("0.0.0.0"), 53, 5353, Transport::udp}},
               network);
  EXPECT_EQ(network.plugins[0].config, first);
  EXPECT_EQ(
      network.plugins[1].config,
      R"({"cniVersion":"1.0.0","name":"web","type":"portmap","runtimeConfig":{"portMappings":[)"
      R"({"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":"127.0.0.1"},)"
      R"({"hostPort":53,"containerPort":5353,"protocol":"udp","hostIP":"0.0.0.0"}]}})");
  network.plugins.pop_back();
  EXPECT_NO_THROW(cni::publish({}, network));
  EXPECT_THROW(cni::publish({{}}, network), cni::ConfigError);
}

TEST(Cni, AResultHasAddressesAndNames) {
  const cni::Result result = cni::read_result(
      R"({"ips": [{"version": "4", "address": "10.1.0.2/16"}, {"address": "fd00::2/64"}],
          "dns": {"nameservers": ["10.1.0.1"], "domain": "a", "search": ["b", "c"],
                  "options": ["ndots:2"]}})");
  EXPECT_EQ(result.addresses,
            (std::vector<IpAddress>{*addresses::parse("10.1.0.2"), *addresses::parse("fd00::2")}));
  EXPECT_EQ(result.resolv_conf, "nameserver 10.1.0.1\ndomain a\nsearch b c\noptions ndots:2\n");
  EXPECT_TRUE(cni::read_result("{}").addresses.empty());
  EXPECT_EQ(cni::read_result(R"({"dns": {"nameservers": ["a\nnameserver b"]}})").resolv_conf, "");
  for (const char* const text : {"", "[]", R"({"ips": [{"address": "x"}]})", R"({"ips": [{}]})"})
    EXPECT_THROW(static_cast<void>(cni::read_result(text)), cni::ConfigError) << text;
}

TEST(Cni, APluginReadsTheResultOfTheOneBefore) {
  EXPECT_EQ(cni::with_result(R"({"type":"b"})", ""), R"({"type":"b"})");
  EXPECT_EQ(cni::with_result(R"({"type":"b"})", "{ \"ips\": [] }\n"),
            R"({"type":"b","prevResult":{"ips":[]}})");
}

TEST(Cni, AnErrorIsToldInThePluginsWords) {
  EXPECT_EQ(cni::error_in(R"({"code": 7, "msg": "no", "details": "since"})"), "no (code 7): since");
  EXPECT_EQ(cni::error_in(R"({"msg": "no"})"), "no");
  for (const char* const text : {"", "oops", "[]", R"({"msg": 7})"})
    EXPECT_EQ(cni::error_in(text), "") << text;
}

TEST(Cni, WhatIsWrittenDownCanBeReadAgain) {
  cni::Attachment attachment{cni::parse_network(kList), "4026531840", "web", "/run/n",
                             "{\"a\":1}\n"};
  attachment.network.path = "/opt/cni/bin:/usr/lib/cni";
  attachment.network.plugins[1].file = "/usr/lib/cni/portmap";
  cni::Attachment read = cni::attachment_in(cni::to_text(attachment));
  for (auto& plugin : attachment.network.plugins) plugin.takes_ports = false;  // needed no more
  EXPECT_EQ(read, attachment);
}

}  // namespace
}  // namespace mydocker::test
