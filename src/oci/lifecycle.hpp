// What the verbs do to a container that is there: ending it, its cgroups, its stored configuration.
#pragma once

#include "oci/config/load.hpp"
#include "oci/store.hpp"

namespace mydocker::oci {

// Kills the first process and all in its cgroups, frozen or not, and waits until the first has ended.
void kill_container(const Container& container, const State& state);

// Sends `signal` to every process of the cgroups. False if there is none.
bool signal_all(const State& state, int signal);

// Throws SetupError if a folder cannot be removed.
void remove_cgroups(const State& state);

// The same for what was made besides.
void remove_folders(const State& state);

void freeze(const State& state);
void thaw(const State& state);

// All processes of the container, by its cgroups; the first one alone where it has none.
[[nodiscard]] std::vector<pid_t> processes_of(const Container& container, const State& state);

// The config.json of `create`, loaded anew.
[[nodiscard]] LoadedConfig stored_config(const Container& container, const State& state);

// Its poststop hooks; a configuration without any is not even parsed.
[[nodiscard]] std::vector<Hook> stored_poststop(const Container& container, const State& state);

}  // namespace mydocker::oci
