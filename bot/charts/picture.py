"""What can be drawn."""

from bot.charts.chart_data import ChartData
from bot.charts.profit import ProfitChart
from bot.charts.share_card import ShareCard

Picture = ChartData | ProfitChart | ShareCard
"""Plain data that a picture is drawn from; `key` tells equal pictures."""
