#!/bin/sh
# Builds the whisper.cpp that whisper-rs-sys bundles as shared libraries below the folder $1, in place of the static
# ones of its build script, which know one kind of processor only. The kernels are built twice on x86-64: with AVX2, and
# with AVX-512 in the folder where the loader of glibc looks on processors that have it. Cargo takes them with
# `--config $1/cargo.toml`.
set -eu
into=$1
version=$(sed -n '/^name = "whisper-rs-sys"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)
build=$(mktemp -d)

# A package that needs nothing but that crate, with the checksum of the lock file, has cargo unpack it.
cp Cargo.lock "$build/"
cat >"$build/Cargo.toml" <<TOML
[package]
name = "sources"
[lib]
path = "none.rs"
[dependencies]
whisper-rs-sys = "=$version"
TOML
cargo fetch --manifest-path "$build/Cargo.toml"
crate=$(echo "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/whisper-rs-sys-"$version")

# $1: a folder to build in; $2: what to build; the rest: settings
kernels() {
    folder=$build/$1 target=$2
    shift 2
    cmake -S "$crate/whisper.cpp" -B "$folder" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$into" \
        -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_LLAMAFILE=ON -DGGML_OPENMP=OFF \
        -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_EXAMPLES=OFF "$@"
    cmake --build "$folder" --parallel "$(nproc)" --target "$target"
}

kernels any all
cmake --install "$build/any" --strip
rm -r "$into/lib/cmake" "$into/lib/pkgconfig" "$into/include"
if [ "$(uname -m)" = x86_64 ]; then
    kernels avx512 ggml-cpu -DGGML_AVX512=ON
    mkdir -p "$into/lib/glibc-hwcaps/x86-64-v4"
    cp -P "$build"/avx512/ggml/src/libggml-cpu.so.* "$into/lib/glibc-hwcaps/x86-64-v4/"
fi
rm -r "$build"

cp "$crate/src/bindings.rs" "$into/"
whisper=$(sed -n 's/^project("whisper.cpp" VERSION \(.*\))$/\1/p' "$crate/whisper.cpp/CMakeLists.txt")
cat >"$into/cargo.toml" <<TOML
[target.$(rustc -vV | sed -n 's/^host: //p').whisper]
rustc-link-search = ["native=$into/lib"]
rustc-link-lib = ["whisper", "ggml", "ggml-base", "ggml-cpu", "stdc++"]
rustc-env = { OUT_DIR = "$into" }
WHISPER_CPP_VERSION = "$whisper"
TOML
