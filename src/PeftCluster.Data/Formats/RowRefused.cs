namespace PeftCluster.Data.Formats;

/// <summary>A row that cannot be used. Whether that ends the job or leaves the row out, data.on_bad_row decides: where rows are read, or where they become tokens.</summary>
/// <param name="what">What is wrong and the remedy, without the place.</param>
/// <param name="cause">What was thrown meanwhile, or null.</param>
internal sealed class RowRefused(string what, Exception? cause = null) : Exception(what, cause);
