using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Security;

/// <summary>Reads a machine's certificates (--tls FOLDER) and finds what is wrong with them before a peer does: a refused handshake says nothing that helps.</summary>
public static class NodeCertificates
{
    /// <exception cref="BadInputException">A file is missing, no certificate, expired, not valid yet, or not signed by the folder's authority.</exception>
    public static ByteTls Read(string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, ClusterCertificates.Node);
        var authority = Load(Path.Combine(folder, ClusterCertificates.Authority), X509CertificateLoader.LoadCertificateFromFile);
        var own = Load(path, file => X509Certificate2.CreateFromPemFile(file, Path.Combine(folder, ClusterCertificates.NodeKey)));
        // A key read from PEM lives for one handshake on some systems; one in a PKCS#12 stays.
        own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        var now = time.GetUtcNow();
        CheckTime(path, own, now);
        CheckTime(Path.Combine(folder, ClusterCertificates.Authority), authority, now);
        var tls = new ByteTls(own, authority);
        return tls.Trusts(own)
            ? tls
            : throw new BadInputException($"{path}: is not signed by the {ClusterCertificates.Authority} beside it. Make both with: peft cluster certificates");
    }

    private static X509Certificate2 Load(string path, Func<string, X509Certificate2> load)
    {
        try
        {
            return load(path);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new BadInputException($"--tls: {path}: cannot be read as a certificate with its key ({wrong.Message.ReplaceLineEndings(" ").TrimEnd('.')}). Make one with: peft cluster certificates", wrong);
        }
    }

    private static void CheckTime(string path, X509Certificate2 certificate, DateTimeOffset now)
    {
        if (certificate.NotAfter.ToUniversalTime() <= now.UtcDateTime)
            throw new BadInputException($"{path}: expired on {Day(certificate.NotAfter)}. Make a new one with: peft cluster certificates");
        if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
            throw new BadInputException($"{path}: is not valid before {Day(certificate.NotBefore)}. Check this machine's clock.");
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
