# Declares the masker's C++ parts (native/masker/*.h). Declares only.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "<atomic>" namespace "std" nogil:
    cdef cppclass Flag "std::atomic<bool>":
        bint exchange(bint value)
        void store(bint value)


cdef extern from "native/masker/literal.h" namespace "aigate" nogil:
    cdef enum Check "aigate::Check":
        pass


cdef extern from "native/masker/rules.h" namespace "aigate" nogil:
    cdef cppclass CppPattern "aigate::Pattern":
        string refusal(long* position) except +

    cdef cppclass CppRule "aigate::Rule":
        CppRule(string regex, size_t show_prefix, cbool case_insensitive, cbool token, cbool armored,
                Check check, const string& below) except +
        CppPattern pattern
        unique_ptr[const CppPattern] below

    cdef enum class Verdict "aigate::RuleSet::Verdict":
        Good
        MatchesNothing
        BeginsWithNoWord

    cdef cppclass RuleSet:
        RuleSet()
        size_t size() const
        Verdict add(CppRule* rule) except +
        void trust(CppRule* rule) except +
        void know(const vector[string]& values) except +
        cbool scan_by(const string& path) except +

        @staticmethod
        void look_closely_from(size_t few)

    cdef cppclass SharedRules:
        SharedRules()
        const RuleSet* get() const
        SharedRules(RuleSet* rules) except +


cdef extern from "native/masker/values.h" namespace "aigate" nogil:
    cdef cppclass CppValues "aigate::Values":
        pass
    cdef size_t SHORTEST "aigate::Values::kShortest"
    cdef size_t LONGEST "aigate::Values::kLongest"


cdef extern from "native/masker/spellings.h" namespace "aigate" nogil:
    vector[string] _spellings "aigate::spellings"(const string& value) except +


cdef extern from "native/masker/scan.h" namespace "aigate" nogil:
    cdef cppclass CppScanner "aigate::Scanner":
        @staticmethod
        vector[string] paths() except +


cdef extern from "native/masker/output.h" namespace "aigate" nogil:
    cdef cppclass CppOutput "aigate::Output":
        void feed(const char* data, size_t size, cbool final, cbool soon, string& out) except +
        void release(string& out) except +
        size_t held() const
        vector[uint64_t] counts() except +
        void resize(size_t rows, size_t columns) except +


cdef extern from "native/screen/display.h" namespace "aigate" nogil:
    cdef cppclass CppDisplay "aigate::Display"(CppOutput):
        CppDisplay(SharedRules rules, size_t rows, size_t columns, uint32_t taken) except +
        uint64_t taken(size_t reach) const
        cbool reveal(string& out, string& text) except +
        void conceal(string& out) except +
        cbool asked() except +
        cbool draws()
        void stood(size_t row) except +
        vector[string] rows() except +
        size_t row() const
        size_t column() const


cdef extern from "native/masker/stream.h" namespace "aigate" nogil:
    cdef cppclass CppSink "aigate::Sink":
        size_t size() const
        void copy_to(char* out) const

    cdef cppclass CppStream "aigate::Stream":
        CppStream(SharedRules rules, size_t max_line, cbool terminal) except +
        void feed(const char* data, size_t size, cbool final) except +
        void settle() except +
        void release() except +
        size_t held() const
        const CppSink& sink() const
        const vector[uint64_t]& counts() const

    cdef cppclass CppStreamOutput "aigate::StreamOutput"(CppOutput):
        CppStreamOutput(CppStream& stream) except +

    cdef enum class PumpStatus "aigate::Pump::Status":
        Done
        Interrupted
        ReadFailed
        WriteFailed

    cdef cppclass CppPump "aigate::Pump":
        CppPump(SharedRules rules, size_t max_line, int descriptor_in, int descriptor_out) except +
        PumpStatus run(int* error) except +
        const vector[uint64_t]& counts() const


cdef extern from "native/masker/carrier.h" namespace "aigate" nogil:
    cdef enum class CarrierEnd "aigate::Carrier::End":
        Idle
        Held
        Full
        Modes
        Closed

    cdef cppclass CppCarrier "aigate::Carrier":
        CppCarrier(CppOutput& output) except +
        CarrierEnd run(int source, int target, int alert, int timeout, int grace) except +
        const string& rest() const


cdef extern from "native/masker/search.h" namespace "aigate" nogil:
    cdef cppclass Position:
        uint64_t offset
        uint64_t line
        uint64_t column

    cdef cppclass Hidden:
        Position begin
        Position end
        cbool first

    cdef cppclass CppSearch "aigate::Search":
        CppSearch(SharedRules rules, size_t max_line) except +
        void feed(const char* data, size_t size, cbool final) except +
        uint64_t decided() const
        const vector[Hidden]& found() const
        void forget()
        const vector[uint64_t]& counts() const


cdef extern from "native/masker/column.h" namespace "aigate" nogil:
    cdef cppclass CppColumn "aigate::Column":
        CppColumn(SharedRules rules, size_t max_line) except +
        void run[Offset](const char* data, const Offset* offsets, size_t count) except +
        const vector[char]& text() const
        cbool changed() const
        const vector[uint64_t]& ends() const
        const vector[uint64_t]& counts() const


cdef extern from "native/masker/needed.h" namespace "aigate" nogil:
    vector[string] cpp_needed "aigate::needed"(const string& regex, cbool case_insensitive) except +


cdef extern from "native/masker/crossing.h" namespace "aigate" nogil:
    cbool only_across_lines(const string& regex, cbool case_insensitive) except +
