// What both ends of the comparison read and write: lines of fields between tabs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/node_config.h"

namespace ottla::config::reference {

std::string escaped(std::string_view text);
std::string unescaped(std::string_view text);

std::vector<std::string> read_lines(const std::string& path);
void write_lines(const std::string& path, const std::vector<std::string>& lines);

// key=value pairs between semicolons.
Texts texts_of(std::string_view pairs);
// The file that a node of the reference was started with.
Texts read_server_properties(const std::string& path);

// The rows of our tables, to be compared with the reference's definitions.
std::vector<std::string> table_lines();
// Values for every key, good and bad, from a seed.
std::vector<std::string> random_values(unsigned seed);
std::vector<std::string> judged_values(const std::vector<std::string>& lines);
// Whole configurations and alterations, from cases.txt.
std::vector<std::string> judged_cases(const std::vector<std::string>& lines, const Texts& node);
// What DescribeConfigs answers after the alterations in described.txt.
std::vector<std::string> described_lines(const std::vector<std::string>& alterations, const Texts& node);

}  // namespace ottla::config::reference
