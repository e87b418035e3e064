using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Where a node finds a job's base model, what it refuses, and when it fetches.</summary>
public sealed class BaseShelfTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TwoMachines _machines = new();

    public void Dispose() => _machines.Dispose();

    [Fact]
    public void The_clients_paths_do_not_become_paths_of_the_workers_folder()
    {
        var arrived = TwoMachines.Arrived(_machines.Job);

        Assert.Equal(_machines["base"], arrived.Model);
        Assert.Equal(_machines.Job, arrived);
    }

    [Theory]
    [InlineData("base")]
    [InlineData("node-models/base")]
    public async Task The_jobs_path_and_then_the_nodes_own_folder_of_models_are_looked_in(string place)
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        if (place != "base")
            _machines.MoveModel(place);

        Assert.Equal(_machines[place], await FindAsync(_machines.Job, parcel));
    }

    [Fact]
    public async Task A_name_of_the_hub_is_found_in_its_cache_by_refs_main()
    {
        var job = _machines.Written("model=acme/tiny");
        PutIntoHub("client-hub", "3f9c");
        var parcel = await _machines.SubmitAsync(job);
        Directory.Move(_machines["client-hub"], _machines["node-hub"]);

        Assert.Equal(_machines["node-hub/models--acme--tiny/snapshots/3f9c"], await FindAsync(job, parcel));
    }

    [Fact]
    public async Task A_path_into_the_clients_hub_cache_is_found_in_the_nodes()
    {
        PutIntoHub("client-hub", "3f9c");
        var job = _machines.Written($"model={_machines["client-hub/models--acme--tiny/snapshots/3f9c"]}");
        var parcel = await _machines.SubmitAsync(job);
        Directory.Move(_machines["client-hub"], _machines["node-hub"]);
        File.WriteAllText(_machines["node-hub/models--acme--tiny/refs/main"], "77aa");

        Assert.Equal(_machines["node-hub/models--acme--tiny/snapshots/3f9c"], await FindAsync(job, parcel));
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/a HF_HOME=/b XDG_CACHE_HOME=/c", "/a")]
    [InlineData("HF_HOME=/b XDG_CACHE_HOME=/c", "/b/hub")]
    [InlineData("XDG_CACHE_HOME=/c", "/c/huggingface/hub")]
    public void The_hub_cache_is_where_its_own_tools_keep_it(string variables, string folder)
    {
        var values = variables.Split(' ').Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]);

        Assert.Equal(folder, HubFolder.Default(name => values.GetValueOrDefault(name)));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("model.safetensors")]
    public async Task Another_base_is_refused_with_both_hashes_and_the_file_that_differs(string file)
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        var bytes = File.ReadAllBytes(_machines[$"base/{file}"]);
        File.WriteAllBytes(_machines[$"base/{file}"], file == "model.safetensors" ? [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] : [.. bytes, (byte)' ']);

        var error = await Assert.ThrowsAsync<BadInputException>(() => FindAsync(_machines.Job, parcel));

        var wanted = parcel.Reference.Base!.Sha256[..8];
        Assert.Matches($@"^its base model .*/base has sha (?!{wanted})[0-9a-f]{{8}}…, this job's has {wanted}… \(unlike: {System.Text.RegularExpressions.Regex.Escape(file)}\)\. Copy the base, or set base\.fetch: true\.$", error.Message);
    }

    [Fact]
    public async Task A_readme_makes_no_other_base()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        File.WriteAllText(_machines["base/README.md"], "new");

        Assert.Equal(_machines["base"], await FindAsync(_machines.Job, parcel));
    }

    [Fact]
    public async Task The_right_base_in_a_later_place_is_taken_before_a_wrong_one_in_an_earlier()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        Copy(_machines["base"], _machines["node-models/base"]);
        File.AppendAllText(_machines["base/config.json"], " ");

        Assert.Equal(_machines["node-models/base"], await FindAsync(_machines.Job, parcel));
    }

    [Fact]
    public async Task A_base_that_is_nowhere_is_refused_with_the_places_that_were_looked_in()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        _machines.MoveModel("gone");

        var error = await Assert.ThrowsAsync<BadInputException>(() => FindAsync(_machines.Job, parcel));

        Assert.Equal(
            $"its base model is not on this machine: not {_machines["base"]}, not in the Hugging Face cache {_machines["node-hub"]}, not {_machines["node-models/base"]}. Copy the base, or set base.fetch: true.",
            error.Message);
    }

    [Fact]
    public async Task Fetching_brings_the_base_once_and_finds_it_again()
    {
        var job = _machines.Written("base.fetch=true");
        var parcel = await _machines.SubmitAsync(job);
        _machines.MoveModel("gone");

        var folder = await FindAsync(job, parcel);

        Assert.Equal(_machines[$"node-cache/bases/{parcel.Reference.Base!.Sha256}"], folder);
        Assert.Equal(parcel.Reference.Base.Files.Select(file => file.Name), _machines.Store.Names(parcel.Reference));
        Assert.All(parcel.Reference.Base.Files, file => Assert.Equal(File.ReadAllBytes(_machines[$"gone/{file.Name}"]), File.ReadAllBytes(Path.Combine(folder, file.Name))));
        _machines.Store.Fetched.Clear();
        Assert.Equal(folder, await FindAsync(_machines.Job, parcel));
        Assert.Empty(_machines.Store.Fetched);
    }

    [Fact]
    public async Task Without_fetch_the_client_keeps_its_base_to_itself()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);

        Assert.All(parcel.Reference.Base!.Files, file => Assert.False(File.Exists(_machines.Store.PathOf(file))));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("..")]
    public async Task A_base_whose_file_is_named_out_of_its_folder_is_refused(string name)
    {
        var job = _machines.Written("base.fetch=true");
        var parcel = await _machines.SubmitAsync(job);
        _machines.MoveModel("gone");
        var bent = parcel.Reference with { Base = new BaseReference([new DataFile(name, parcel.Reference.Files[0].Sha256, parcel.Reference.Files[0].Bytes)]) };
        var stock = new NodeStock(_machines.Node);

        var error = await Assert.ThrowsAsync<BadInputException>(() => stock.BaseAsync(new SourceRequest(job, bent, _machines.Store), None));

        Assert.Equal($"model: the base has a file \"{name}\", which is no file name.", error.Message);
    }

    [Fact]
    public async Task A_base_is_read_whole_once_and_again_only_when_it_changed()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        var all = parcel.Reference.Base!.Files.Sum(file => file.Bytes);

        Assert.Equal(all, await ReadAsync());
        Assert.Equal(0, await ReadAsync());
        File.SetLastWriteTimeUtc(_machines["base/model.safetensors"], DateTime.UnixEpoch);
        Assert.Equal(new FileInfo(_machines["base/model.safetensors"]).Length, await ReadAsync());

        async Task<long> ReadAsync()
        {
            var stock = new NodeStock(_machines.Node);
            await stock.BaseAsync(_machines.Request(_machines.Job, parcel), None);
            return stock.Hashes.BytesRead;
        }
    }

    private Task<string> FindAsync(JobSpec job, JobParcel parcel) => new NodeStock(_machines.Node).BaseAsync(_machines.Request(job, parcel), None);

    /// <summary>As Hugging Face's tools lay it out: blobs, and a snapshot of links to them.</summary>
    private void PutIntoHub(string hub, string revision)
    {
        var repository = _machines[$"{hub}/models--acme--tiny"];
        var snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", revision)).FullName;
        Directory.CreateDirectory(Path.Combine(repository, "refs"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), revision);
        Directory.Move(_machines["base"], Path.Combine(repository, "blobs"));
        foreach (var blob in Directory.GetFiles(Path.Combine(repository, "blobs")))
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(blob)), Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
