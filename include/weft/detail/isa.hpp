// SPDX-License-Identifier: MIT
//
// isa.hpp: which instructions this unit is compiled for, as the name of the inline namespace in which all of weft lies.
// Of an inline function that several units hold, the linker keeps one body for all. Were the units compiled for
// different processors, a program could then run wide instructions where it asked for none: so their names differ.
#pragma once

#if defined(__AVX512VBMI__) || defined(__AVX512FP16__) || defined(__AVX10_1__)
#define WEFT_ISA for_avx512_and_more
#elif defined(__AVX512F__)
#define WEFT_ISA for_avx512
#elif defined(__AVX2__)
#define WEFT_ISA for_avx2
#elif defined(__AVX__) || defined(__BMI__) || defined(__BMI2__) || defined(__LZCNT__) || defined(__MOVBE__)
#define WEFT_ISA for_avx
#elif defined(__SSE3__) || defined(__POPCNT__)
#define WEFT_ISA for_sse4
#elif defined(__SSE2__)
#define WEFT_ISA for_sse2
#elif defined(__ARM_FEATURE_SVE)
#define WEFT_ISA for_sve
#elif defined(__ARM_NEON)
#define WEFT_ISA for_neon
#else
#define WEFT_ISA for_any
#endif
