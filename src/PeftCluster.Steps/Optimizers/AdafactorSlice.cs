using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// One tensor under Adafactor: where its means lie, and how they divide a gradient. A tensor of more than two dimensions is a stack of matrices, its last two;
/// a vector keeps a mean for each element.
/// </summary>
internal sealed class AdafactorSlice
{
    private readonly int _matrices, _rows, _columns;

    /// <param name="slice">The tensor.</param>
    /// <param name="meansAt">Where its means begin.</param>
    public AdafactorSlice(VectorSlice slice, int meansAt)
    {
        (Of, MeansAt) = (slice, meansAt);
        if (slice.Shape.Count < 2)
            return;
        (_rows, _columns) = ((int)slice.Shape[^2], (int)slice.Shape[^1]);
        _matrices = slice.Length / (_rows * _columns);
    }

    public VectorSlice Of { get; }

    public int MeansAt { get; }

    public int MeansLength => _matrices == 0 ? Of.Length : _matrices * (_rows + _columns);

    /// <summary>Takes the gradient's squares into the means, and divides it by their root.</summary>
    /// <param name="gradient">The tensor's gradient; becomes the update.</param>
    /// <param name="means">Its means.</param>
    /// <param name="decay">What is kept of them.</param>
    /// <param name="epsilon">Added to the squares.</param>
    public void Divide(Span<float> gradient, Span<float> means, double decay, double epsilon)
    {
        var (kept, added, least) = ((float)decay, (float)(1 - decay), (float)epsilon);
        if (_matrices == 0)
        {
            for (var i = 0; i < gradient.Length; i++)
            {
                means[i] = means[i] * kept + (gradient[i] * gradient[i] + least) * added;
                gradient[i] *= 1 / MathF.Sqrt(means[i]);
            }
            return;
        }
        var rows = means[..(_matrices * _rows)];
        var columns = means[(_matrices * _rows)..];
        for (var m = 0; m < _matrices; m++)
        {
            var matrix = gradient.Slice(m * _rows * _columns, _rows * _columns);
            Matrix(matrix, rows.Slice(m * _rows, _rows), columns.Slice(m * _columns, _columns), kept, added, least);
        }
    }

    private void Matrix(Span<float> matrix, Span<float> rowMeans, Span<float> columnMeans, float kept, float added, float least)
    {
        var squares = new float[_columns];
        var columnSums = new double[_columns];
        for (var row = 0; row < _rows; row++)
        {
            var line = matrix.Slice(row * _columns, _columns);
            for (var j = 0; j < _columns; j++)
            {
                squares[j] = line[j] * line[j] + least;
                columnSums[j] += squares[j];
            }
            rowMeans[row] = rowMeans[row] * kept + (float)(BlockSum.Sum(squares) / _columns) * added;
        }
        for (var j = 0; j < _columns; j++)
            columnMeans[j] = columnMeans[j] * kept + (float)(columnSums[j] / _rows) * added;
        var mean = (float)(BlockSum.Sum(rowMeans) / _rows);
        for (var j = 0; j < _columns; j++)
            squares[j] = 1 / MathF.Sqrt(columnMeans[j]);
        for (var row = 0; row < _rows; row++)
        {
            var factor = 1 / MathF.Sqrt(rowMeans[row] / mean);
            var line = matrix.Slice(row * _columns, _columns);
            for (var j = 0; j < _columns; j++)
                line[j] *= factor * squares[j];
        }
    }
}
