using PeftCluster.Training.Native;

namespace PeftCluster.Training.Tests.Native;

public sealed class SymbolVersionsTests
{
    [Fact]
    public void A_needed_version_becomes_weak_and_nothing_else_changes()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("ELF files are Linux's.");
        TorchLibrary.Load();
        var original = File.ReadAllBytes(Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First());
        var patched = (byte[])original.Clone();
        Assert.Equal(1, SymbolVersions.MakeWeak(patched, "GLIBCXX_3.4.32"));
        var changed = Enumerable.Range(0, original.Length).Where(index => original[index] != patched[index]).ToArray();
        Assert.Single(changed);
        Assert.Equal(2, patched[changed[0]]);
        Assert.Equal(0, SymbolVersions.MakeWeak(patched, "GLIBCXX_9.9"));
    }

    [Fact]
    public void Bytes_that_are_no_library_are_refused() =>
        Assert.Throws<InvalidDataException>(() => SymbolVersions.MakeWeak(new byte[100], "GLIBCXX_3.4.32"));
}
