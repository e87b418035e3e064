using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Security;

/// <summary>
/// Makes a cluster's own authority and a certificate for each of its machines, as PEM files: <c>OUT/ca/</c> stays with whoever made them, <c>OUT/HOST/</c> goes to
/// the machine. Called again, it signs for further machines with the authority that lies there. Nothing is ever overwritten.
/// </summary>
public static class ClusterCertificates
{
    /// <summary>The authority's certificate, in every folder.</summary>
    public const string Authority = "ca.pem";

    /// <summary>A machine's certificate and key, in its own folder.</summary>
    public const string Node = "node.pem", NodeKey = "node.key";

    private const string AuthorityFolder = "ca", AuthorityKey = "ca.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Clocks of machines differ by minutes.
    private static readonly TimeSpan _skew = TimeSpan.FromHours(1);

    /// <summary>Makes the authority where there is none, and the machines' certificates.</summary>
    /// <param name="folder">OUT.</param>
    /// <param name="hosts">Names of the machines; a folder each.</param>
    /// <param name="days">How long the certificates hold.</param>
    /// <param name="now">The time.</param>
    /// <returns>The folders that were made, the authority's first where it is new.</returns>
    /// <exception cref="BadInputException">A folder is there already, a name is no file name, or nothing can be written.</exception>
    public static IReadOnlyList<string> Make(string folder, IReadOnlyList<string> hosts, int days, DateTimeOffset now)
    {
        foreach (var host in hosts)
            Check(folder, host);
        try
        {
            var made = new List<string>();
            using var authority = AuthorityIn(Path.Combine(folder, AuthorityFolder), days, now, made);
            foreach (var host in hosts)
            {
                var place = Path.Combine(folder, host);
                Directory.CreateDirectory(place);
                using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                using var certificate = Signed(authority, key, host, days, now);
                File.WriteAllText(Path.Combine(place, Authority), authority.ExportCertificatePem());
                File.WriteAllText(Path.Combine(place, Node), certificate.ExportCertificatePem());
                WriteKey(Path.Combine(place, NodeKey), key);
                made.Add(place);
            }
            return made;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: certificates cannot be written there ({refused.Message.TrimEnd('.')}). Choose another folder with --out.", refused);
        }
    }

    private static void Check(string folder, string host)
    {
        if (host.Length == 0 || host is "." or ".." or AuthorityFolder || host.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) || host.Contains('\\'))
            throw new BadInputException($"--hosts: \"{host}\" cannot name a folder. Write names of machines with commas between them: gpu1,gpu2.");
        if (Directory.Exists(Path.Combine(folder, host)))
            throw new BadInputException($"{Path.Combine(folder, host)}: is there already, and certificates are not overwritten. Remove it, or leave {host} out of --hosts.");
    }

    private static X509Certificate2 AuthorityIn(string folder, int days, DateTimeOffset now, List<string> made)
    {
        var (certificate, keyFile) = (Path.Combine(folder, Authority), Path.Combine(folder, AuthorityKey));
        if (File.Exists(certificate))
            return X509Certificate2.CreateFromPemFile(certificate, keyFile);
        Directory.CreateDirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=PeftCluster authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var authority = request.CreateSelfSigned(now - _skew, now.AddDays(days));
        File.WriteAllText(certificate, authority.ExportCertificatePem());
        WriteKey(keyFile, key);
        made.Add(folder);
        return authority;
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, ECDsa key, string host, int days, DateTimeOffset now)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={host.Replace("*", "any", StringComparison.Ordinal)}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // Every node listens and connects: it is a server and a client.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var until = now.AddDays(days) is var wanted && wanted < authority.NotAfter ? wanted : authority.NotAfter;
        return request.Create(authority, now - _skew < authority.NotBefore ? authority.NotBefore : now - _skew, until, RandomNumberGenerator.GetBytes(16));
    }

    private static void WriteKey(string path, ECDsa key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new StreamWriter(path, options);
        file.Write(key.ExportPkcs8PrivateKeyPem());
    }
}
