using System.Diagnostics.CodeAnalysis;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Server.Node;

/// <summary>
/// What the devices of a node share: base models and prepared data on this machine's disk, and the data that is open. The first device that
/// opens a job's data reads its index, the last that is done closes it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to free.")]
public sealed class NodeStock
{
    private readonly BaseShelf _bases;
    private readonly string _cache;
    private readonly PreparedCache _data;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, StockedData> _open = new(StringComparer.Ordinal);

    /// <param name="folders">Where things lie.</param>
    /// <exception cref="BadInputException">The cache folder cannot be written.</exception>
    public NodeStock(NodeFolders folders)
    {
        try
        {
            _cache = folders.Cache;
            Hashes = new KnownHashes(folders.Cache);
            _data = new PreparedCache(folders.Cache);
            _bases = new BaseShelf(folders, Hashes, _data.Files);
            Plugins = PluginHost.OfFolders(folders.Plugins);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folders.Cache}: what is fetched cannot be kept there: {unwritable.Message} Set {CacheFolder.Variable} to a folder that can be written.", unwritable);
        }
    }

    /// <summary>Hashes of large files on this machine.</summary>
    public KnownHashes Hashes { get; }

    /// <summary>Opens the plugins that this node may run.</summary>
    public PluginHost Plugins { get; }

    /// <summary>What was fetched so far.</summary>
    public FetchedFiles Fetched => _data.Files;

    internal Task<string> BaseAsync(SourceRequest request, CancellationToken cancellation) =>
        _bases.FindAsync(request.Job, request.Data.Base, request.Content, cancellation);

    /// <summary>The job with the adapter that it starts from on this machine, if it starts from one.</summary>
    internal Task<SourceRequest> StartAsync(SourceRequest request, CancellationToken cancellation) => StartingAdapter.BringAsync(request, _cache, Fetched, cancellation);

    /// <summary>A job's data, for the caller until it disposes what it got, once.</summary>
    /// <param name="request">The job and its data.</param>
    /// <param name="baseFolder">Whose tokenizer reads answers.</param>
    /// <param name="cancellation">Ends fetching.</param>
    internal async Task<StockedData> DataAsync(SourceRequest request, string baseFolder, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            // The key says all about the tokens; the hashes say which bytes this client means by it.
            var key = $"{request.Data.Key} {string.Join(' ', request.Data.Files.Select(file => file.Sha256))} {baseFolder}";
            if (!_open.TryGetValue(key, out var data))
            {
                var fetched = await _data.OpenAsync(request.Job, request.Data, request.Content, cancellation);
                _open[key] = data = new StockedData(fetched, new Lazy<TextTokenizer>(() => TextTokenizer.Load(baseFolder)), () => _open.Remove(key), _gate);
            }
            data.Users++;
            return data;
        }
        finally
        {
            _gate.Release();
        }
    }
}

/// <summary>Open data that several devices use.</summary>
/// <param name="data">The rows.</param>
/// <param name="tokenizer">Of the base; read when it is first asked for.</param>
/// <param name="forget">Takes it off the shelf.</param>
/// <param name="gate">Held while users come and go.</param>
internal sealed class StockedData(FetchedData data, Lazy<TextTokenizer> tokenizer, Action forget, SemaphoreSlim gate) : IAsyncDisposable
{
    public FetchedData Rows => data;

    public TextTokenizer Tokenizer => tokenizer.Value;

    public int Users { get; set; }

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (--Users > 0)
                return;
            forget();
            data.Dispose();
        }
        finally
        {
            gate.Release();
        }
    }
}
