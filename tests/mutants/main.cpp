// SPDX-License-Identifier: MIT
//
// main.cpp: the tests with one mutant, MUTANT, alive; or with none, and MUTANTS_REACHED names a file to which each test
// case adds a line: where it is, what it is called, the seconds it took, and the mutants that it came by.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <doctest/doctest.h>

#include "support/counts.hpp"

namespace {

std::FILE* record = nullptr;

struct recorder : doctest::IReporter {
  explicit recorder(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& of) override {
    one = &of;
    std::memset(mutants::reached, 0, sizeof mutants::reached);
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    if (record == nullptr) return;
    std::fprintf(record, "%s\t%s\t%f\t", one->m_file.c_str(), one->m_name, stats.seconds);
    for (unsigned i = 0; i < mutants::most; ++i) {
      if (mutants::reached[i] != 0) std::fprintf(record, "%u ", i);
    }
    std::fputc('\n', record);
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

  const doctest::TestCaseData* one = nullptr;
};
REGISTER_LISTENER("mutants", 1, recorder);

}  // namespace

int main(int count, char** arguments) {
  if (const char* which = std::getenv("MUTANT")) mutants::chosen = static_cast<unsigned>(std::atoi(which));
  if (const char* file = std::getenv("MUTANTS_REACHED")) record = std::fopen(file, "w");
  const int result = doctest::Context(count, arguments).run();
  if (record != nullptr) std::fclose(record);
  return result;
}
