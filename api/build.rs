//! Has the API built anew whenever the page was.

fn main() -> std::io::Result<()> {
    // Cargo would build again and again for a folder that is not there.
    std::fs::create_dir_all("../web/dist")?;
    println!("cargo::rerun-if-changed=../web/dist");
    Ok(())
}
