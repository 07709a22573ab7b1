"""Drawing in the test's own process: what the chart worker does with a job."""

from bot.charts.job import Drawing, Job
from bot.charts.worker import draw_job


async def draw_here(job: Job) -> Drawing:
    return draw_job(job)
